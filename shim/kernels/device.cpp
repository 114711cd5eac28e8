// Operators about devices: dsd::has_bfloat16, whether products of bfloat16 are instructions of the processor. About
// CUDA devices alone: dsd::peak_memory, the most bytes that tensors have taken; dsd::device_name, the letters of the
// name; dsd::allow_tf32, whether float32 convolutions and products may use TF32; dsd::tune_convolutions, whether cuDNN
// tries its algorithms for every new shape and keeps the fastest.
#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <torch/library.h>

#include <algorithm>
#ifdef __aarch64__
#include <sys/auxv.h>
#endif

#include "cuda_program.h"

namespace dsd {
namespace {
at::Tensor peakMemory(c10::Device device, bool reset) {
  TORCH_CHECK(device.is_cuda(), "the peak of memory is kept for CUDA devices, found ", device);
  auto out = at::empty({}, at::kLong);
  auto *allocator = c10::getDeviceAllocator(device.type());
  constexpr size_t all = 0;
  *out.mutable_data_ptr<int64_t>() = allocator->getDeviceStats(device.index()).allocated_bytes[all].peak;
  if (reset) allocator->resetPeakStats(device.index());
  return out;
}

at::Tensor deviceName(c10::Device device) {
  TORCH_CHECK(device.is_cuda(), "names are kept for CUDA devices, found ", device);
  const auto name = cudaDeviceName(device.index());
  auto out = at::empty({(int64_t)name.size()}, at::kByte);
  std::copy(name.begin(), name.end(), out.mutable_data_ptr<uint8_t>());
  return out;
}

// Without the instructions libtorch still multiplies bfloat16, a hundred times slower than float32.
bool processorMultipliesBFloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#elif defined(__aarch64__)
  constexpr unsigned long bfloat16 = 1UL << 14; // HWCAP2_BF16
  return getauxval(AT_HWCAP2) & bfloat16;
#else
  return false;
#endif
}

at::Tensor hasBFloat16(c10::Device device) {
  constexpr int ampere = 8;
  const bool has = device.is_cuda() ? cudaCapability(device.index()) >= ampere : processorMultipliesBFloat16();
  return at::full({}, has, at::kBool);
}

void allowTF32(bool allowed) {
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
}

void tuneConvolutions(bool on) { at::globalContext().setBenchmarkCuDNN(on); }
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("has_bfloat16(Device device) -> Tensor", dsd::hasBFloat16);
  m.def("peak_memory(Device device, bool reset) -> Tensor", dsd::peakMemory);
  m.def("device_name(Device device) -> Tensor", dsd::deviceName);
  m.def("allow_tf32(bool allowed) -> ()", dsd::allowTF32);
  m.def("tune_convolutions(bool on) -> ()", dsd::tuneConvolutions);
}
