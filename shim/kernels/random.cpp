// Operator dsd::counter_uniform: the values k = 0 ... count - 1 of one stream and item of the counter-based generator
// (Philox4x32-10), the same numbers as CounterRandom.uniform gives one by one.
#include <ATen/ATen.h>
#include <torch/library.h>

namespace dsd {
namespace {
struct Counter {
  uint32_t v[4];
};

Counter philox(Counter c, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)c.v[0] * 0xD2511F53u, p1 = (uint64_t)c.v[2] * 0xCD9E8D57u;
    c = {{(uint32_t)(p1 >> 32) ^ c.v[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c.v[3] ^ k1, (uint32_t)p0}};
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return c;
}

at::Tensor counterUniform(int64_t seed, int64_t stream, int64_t item, int64_t count) {
  TORCH_CHECK(count >= 0, "count wants 0 or more, found ", count);
  auto out = at::empty({count}, at::kDouble);
  double *p = out.mutable_data_ptr<double>();
  const auto key = (uint64_t)seed, place = (uint64_t)item;
  for (int64_t k = 0; k < count; k += 2) {
    const auto b = philox({{(uint32_t)(k / 2), (uint32_t)place, (uint32_t)(place >> 32), (uint32_t)stream}}, (uint32_t)key, (uint32_t)(key >> 32));
    for (int64_t j = 0; j < 2 && k + j < count; j++)
      p[k + j] = (double)((((uint64_t)b.v[2 * j] << 32) | b.v[2 * j + 1]) >> 11) * 0x1p-53;
  }
  return out;
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("counter_uniform(int seed, int stream, int item, int count) -> Tensor", dsd::counterUniform);
}
