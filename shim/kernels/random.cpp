// Operators dsd::counter_uniform and dsd::counter_normal: values k = first ... first + count - 1 of a stream of the
// counter-based generator (Philox4x32-10), a row for each item; the same numbers as CounterRandom gives one by one.
// On a CUDA device the logarithm and the cosine of a normal value may differ in the last bit.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <cmath>
#include <string>

#include "cuda_program.h"

namespace dsd {
namespace {
// One text, compiled for the processor here and for CUDA at run time.
#define DSD_DEVICE
#define DSD_CODE(name, ...) __VA_ARGS__ const char *const name = #__VA_ARGS__;
DSD_CODE(
    generatorText,
    struct Counter { unsigned v[4]; };

    DSD_DEVICE inline Counter philox(Counter c, unsigned k0, unsigned k1) {
      for (int round = 0; round < 10; round++) {
        const unsigned long long p0 = (unsigned long long)c.v[0] * 0xD2511F53u;
        const unsigned long long p1 = (unsigned long long)c.v[2] * 0xCD9E8D57u;
        c = {{(unsigned)(p1 >> 32) ^ c.v[1] ^ k0, (unsigned)p1, (unsigned)(p0 >> 32) ^ c.v[3] ^ k1, (unsigned)p0}};
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
      }
      return c;
    }

    struct Stream {
      long long seed, stream, item;

      DSD_DEVICE Counter block(long long index) const {
        return philox({{(unsigned)index, (unsigned)item, (unsigned)(item >> 32), (unsigned)stream}}, (unsigned)seed,
                      (unsigned)(seed >> 32));
      }
      DSD_DEVICE double unit(const Counter &b, int half) const {
        return (double)((((unsigned long long)b.v[2 * half] << 32) | b.v[2 * half + 1]) >> 11) * 0x1p-53;
      }
      DSD_DEVICE double uniform(long long k) const { return unit(block(k / 2), (int)(k % 2)); }
      DSD_DEVICE double normal(long long k) const {
        const double u = 1 - uniform(2 * k);
        const double v = uniform(2 * k + 1);
        return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
      }
    };)

const std::string source = std::string("#define DSD_DEVICE __device__\n") + generatorText + R"cuda(
/// Values [rows, count] of items [rows].
extern "C" __global__ void values(long long seed, long long stream, const long long *items, long long first,
                                  long long count, bool normal, Real *out) {
  const long long k = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (k >= count) return;
  const Stream random{seed, stream, items[blockIdx.y]};
  out[blockIdx.y * count + k] = normal ? random.normal(first + k) : random.uniform(first + k);
}
)cuda";

CudaProgram program(source.c_str());

/// Uniform values first ... first + count - 1 of a stream. A block of the generator holds two; blocks are made side by side,
/// which the compiler turns into vector instructions.
void uniforms(const Stream &random, int64_t first, int64_t count, double *out) {
  constexpr int lanes = 16;
  int64_t k = first;
  const int64_t end = first + count;
  if (k % 2 == 1 && k < end) *out++ = random.uniform(k++);
  for (; k + 2 * lanes <= end; k += 2 * lanes, out += 2 * lanes) {
    uint32_t a[lanes], b[lanes], c[lanes], d[lanes];
    for (int j = 0; j < lanes; j++) {
      a[j] = (uint32_t)(k / 2 + j), b[j] = (uint32_t)random.item, c[j] = (uint32_t)(random.item >> 32), d[j] = (uint32_t)random.stream;
    }
    uint32_t k0 = (uint32_t)random.seed, k1 = (uint32_t)(random.seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
      for (int j = 0; j < lanes; j++) {
        const uint64_t p0 = (uint64_t)a[j] * 0xD2511F53u, p1 = (uint64_t)c[j] * 0xCD9E8D57u;
        a[j] = (uint32_t)(p1 >> 32) ^ b[j] ^ k0, c[j] = (uint32_t)(p0 >> 32) ^ d[j] ^ k1;
        b[j] = (uint32_t)p1, d[j] = (uint32_t)p0;
      }
    for (int j = 0; j < lanes; j++) {
      out[2 * j] = (double)(int64_t)((((uint64_t)a[j] << 32) | b[j]) >> 11) * 0x1p-53;
      out[2 * j + 1] = (double)(int64_t)((((uint64_t)c[j] << 32) | d[j]) >> 11) * 0x1p-53;
    }
  }
  for (; k < end; k++) *out++ = random.uniform(k);
}

at::Tensor values(int64_t seed, int64_t stream, const at::Tensor &items, int64_t first, int64_t count, bool normal) {
  TORCH_CHECK(first >= 0 && count >= 0, "first and count want 0 or more, found ", first, " and ", count);
  TORCH_CHECK(items.dim() == 1 && items.scalar_type() == at::kLong, "items want int64 [n], found ", items.scalar_type(), items.sizes());
  const auto list = items.contiguous();
  const int64_t rows = list.numel();
  auto out = at::empty({rows, count}, items.options().dtype(at::kDouble));
  if (items.is_cuda()) {
    program.launch(out.device(), at::kDouble, "values", {blocks(count), rows}, seed, stream, list.const_data_ptr(), first, count,
                   normal, out.mutable_data_ptr());
    return out;
  }
  double *p = out.mutable_data_ptr<double>();
  for (int64_t row = 0; row < rows; row++) {
    const Stream random{seed, stream, list.const_data_ptr<int64_t>()[row]};
    if (normal) {
      for (int64_t k = 0; k < count; k++) *p++ = random.normal(first + k);
      continue;
    }
    uniforms(random, first, count, p);
    p += count;
  }
  return out;
}

at::Tensor counterUniform(int64_t seed, int64_t stream, const at::Tensor &items, int64_t first, int64_t count) {
  return values(seed, stream, items, first, count, false);
}
at::Tensor counterNormal(int64_t seed, int64_t stream, const at::Tensor &items, int64_t first, int64_t count) {
  return values(seed, stream, items, first, count, true);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("counter_uniform(int seed, int stream, Tensor items, int first, int count) -> Tensor", dsd::counterUniform);
  m.def("counter_normal(int seed, int stream, Tensor items, int first, int count) -> Tensor", dsd::counterNormal);
}
