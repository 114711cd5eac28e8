#include "cuda_program.h"

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>

#include <string>
#include <vector>

namespace dsd {
namespace {
/// The functions of the CUDA driver and of NVRTC that are used, as their manuals declare them. A library of torch that
/// is linked to both gives them.
struct Driver {
  int (*nvrtcCreateProgram)(void **, const char *, const char *, int, const char *const *, const char *const *);
  int (*nvrtcCompileProgram)(void *, int, const char *const *);
  int (*nvrtcGetProgramLogSize)(void *, size_t *);
  int (*nvrtcGetProgramLog)(void *, char *);
  int (*nvrtcGetCUBINSize)(void *, size_t *);
  int (*nvrtcGetCUBIN)(void *, char *);
  int (*nvrtcDestroyProgram)(void **);
  int (*cuDeviceGet)(int *, int);
  int (*cuDeviceGetName)(char *, int, int);
  int (*cuDeviceGetAttribute)(int *, int, int);
  int (*cuDevicePrimaryCtxRetain)(void **, int);
  int (*cuCtxGetCurrent)(void **);
  int (*cuCtxSetCurrent)(void *);
  int (*cuModuleLoadData)(void **, const void *);
  int (*cuModuleGetFunction)(void **, void *, const char *);
  int (*cuLaunchKernel)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
  int (*cuGetErrorString)(int, const char **);

  Driver() {
    const char *library = "libcaffe2_nvrtc.so";
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    TORCH_CHECK(handle, "kernels for CUDA cannot be compiled: ", dlerror());
    const auto find = [&](auto &function, const char *name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
      TORCH_CHECK(function, library, " and what it is linked to have no ", name);
    };
    find(nvrtcCreateProgram, "nvrtcCreateProgram");
    find(nvrtcCompileProgram, "nvrtcCompileProgram");
    find(nvrtcGetProgramLogSize, "nvrtcGetProgramLogSize");
    find(nvrtcGetProgramLog, "nvrtcGetProgramLog");
    find(nvrtcGetCUBINSize, "nvrtcGetCUBINSize");
    find(nvrtcGetCUBIN, "nvrtcGetCUBIN");
    find(nvrtcDestroyProgram, "nvrtcDestroyProgram");
    find(cuDeviceGet, "cuDeviceGet");
    find(cuDeviceGetName, "cuDeviceGetName");
    find(cuDeviceGetAttribute, "cuDeviceGetAttribute");
    find(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
    find(cuCtxGetCurrent, "cuCtxGetCurrent");
    find(cuCtxSetCurrent, "cuCtxSetCurrent");
    find(cuModuleLoadData, "cuModuleLoadData");
    find(cuModuleGetFunction, "cuModuleGetFunction");
    find(cuLaunchKernel, "cuLaunchKernel");
    find(cuGetErrorString, "cuGetErrorString");
  }

  void check(int code, const char *what) const {
    if (code == 0) return;
    const char *text = nullptr;
    cuGetErrorString(code, &text);
    TORCH_CHECK(false, what, ": ", text ? text : "unknown error of the CUDA driver", " (", code, ")");
  }

  /// Makes the device's context, which torch uses too, the one of this thread.
  void enter(int device) const {
    void *context = nullptr;
    check(cuCtxGetCurrent(&context), "cuCtxGetCurrent");
    if (context) return; // torch's device guard has chosen it
    int id = 0;
    check(cuDeviceGet(&id, device), "cuDeviceGet");
    check(cuDevicePrimaryCtxRetain(&context, id), "cuDevicePrimaryCtxRetain");
    check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }
};

const Driver &driver() {
  static const Driver loaded;
  return loaded;
}

std::pair<int, int> capability(int device) {
  const Driver &d = driver();
  int major = 0, minor = 0, id = 0;
  d.check(d.cuDeviceGet(&id, device), "cuDeviceGet");
  d.check(d.cuDeviceGetAttribute(&major, 75, id), "compute capability");
  d.check(d.cuDeviceGetAttribute(&minor, 76, id), "compute capability");
  return {major, minor};
}

std::vector<char> compiled(const char *source, int device, const Variant &variant) {
  const Driver &d = driver();
  const auto [major, minor] = capability(device);
  const std::string target = "--gpu-architecture=sm_" + std::to_string(major) + std::to_string(minor);
  const bool brief = variant.type == c10::kBFloat16;
  const std::string real = variant.type == c10::kDouble ? "-DReal=double" : "-DReal=float";
  const std::string channels = "-DCHANNELS=" + std::to_string(variant.channels);
  const std::string outputs = "-DOUTPUTS=" + std::to_string(variant.outputs);
  std::vector<const char *> options{target.c_str(), real.c_str(), channels.c_str(), outputs.c_str(), "--std=c++17"};
  if (brief) options.push_back("-DBFLOAT16");
  void *program = nullptr;
  TORCH_CHECK(d.nvrtcCreateProgram(&program, source, "dsd.cu", 0, nullptr, nullptr) == 0, "nvrtcCreateProgram failed");
  const int code = d.nvrtcCompileProgram(program, (int)options.size(), options.data());
  size_t size = 0;
  d.nvrtcGetProgramLogSize(program, &size);
  std::string log(size, ' ');
  d.nvrtcGetProgramLog(program, log.data());
  TORCH_CHECK(code == 0, "a kernel does not compile for ", target, " (NVRTC error ", code, "): ", log);
  d.nvrtcGetCUBINSize(program, &size);
  std::vector<char> binary(size);
  d.nvrtcGetCUBIN(program, binary.data());
  d.nvrtcDestroyProgram(&program);
  return binary;
}
} // namespace

std::string cudaDeviceName(int device) {
  const Driver &d = driver();
  int id = 0;
  char name[256] = {0};
  d.check(d.cuDeviceGet(&id, device), "cuDeviceGet");
  d.check(d.cuDeviceGetName(name, sizeof(name), id), "cuDeviceGetName");
  return name;
}

int cudaCapability(int device) { return capability(device).first; }

void *CudaProgram::module(int device, const Variant &variant) {
  const std::lock_guard<std::mutex> lock(mutex);
  void *&found = modules[{device, variant}];
  if (!found) {
    TORCH_CHECK(variant.type == c10::kFloat || variant.type == c10::kDouble || variant.type == c10::kBFloat16,
                "kernels want float32, float64 or bfloat16, found ", variant.type);
    const auto binary = compiled(source, device, variant);
    driver().check(driver().cuModuleLoadData(&found, binary.data()), "cuModuleLoadData");
  }
  return found;
}

void CudaProgram::start(c10::Device device, const Variant &variant, const char *kernel, Grid grid, void **arguments) {
  if (grid.x == 0 || grid.y == 0) return;
  TORCH_CHECK(grid.x < (int64_t(1) << 31) && grid.y < 65536, "a grid of ", grid.x, " x ", grid.y, " blocks is not possible");
  const c10::DeviceGuard guard(device);
  const Driver &d = driver();
  d.enter(device.index());
  void *function = nullptr;
  d.check(d.cuModuleGetFunction(&function, module(device.index(), variant), kernel), kernel);
  const c10::impl::VirtualGuardImpl streams(device.type());
  void *stream = streams.getStreamNativeHandle(streams.getStream(device));
  d.check(d.cuLaunchKernel(function, grid.x, grid.y, 1, grid.threads, 1, 1, 0, stream, arguments, nullptr), kernel);
}
} // namespace dsd
