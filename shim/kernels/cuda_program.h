// Kernels for CUDA devices, compiled at run time by NVRTC, which every CUDA build of torch carries. The shim then needs
// neither nvcc nor a header of CUDA to compile, one shim serves every kind of device, and there is one way to test.
#pragma once
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace dsd {
/// Numbers of blocks and threads.
struct Grid {
  int64_t x = 1, y = 1, threads = 256;
};

/// What a source is compiled for: the number type `Real`, which is float where BFLOAT16 is defined, CHANNELS and OUTPUTS.
struct Variant {
  c10::ScalarType type;
  int channels, outputs;

  Variant(c10::ScalarType type, int channels = 0, int outputs = 0) : type(type), channels(channels), outputs(outputs) {}
  auto operator<=>(const Variant &) const = default;
};

/// A CUDA source with kernels `extern "C" __global__`, compiled once for each device and variant. Kernels run on the
/// stream that torch works on.
class CudaProgram {
public:
  explicit CudaProgram(const char *source) : source(source) {}

  /// Arguments must have the very types of the kernel's parameters.
  template <typename... Arguments>
  void launch(c10::Device device, Variant variant, const char *kernel, Grid grid, Arguments... arguments) {
    void *pointers[] = {&arguments...};
    start(device, variant, kernel, grid, pointers);
  }

private:
  const char *source;
  std::mutex mutex;
  std::map<std::pair<int, Variant>, void *> modules; // CUmodule; they live as long as the process

  void start(c10::Device device, const Variant &variant, const char *kernel, Grid grid, void **arguments);
  void *module(int device, const Variant &variant);
};

/// What a CUDA device calls itself.
std::string cudaDeviceName(int device);

/// Major number of a CUDA device's compute capability.
int cudaCapability(int device);

/// Blocks of `threads` for `count` things.
inline int64_t blocks(int64_t count, int64_t threads = 256) { return (count + threads - 1) / threads; }
} // namespace dsd
