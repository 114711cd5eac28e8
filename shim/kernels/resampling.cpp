// Operator dsd::resample_cubes: trilinear resampling of cubes from one side to another, end points on end points, with its
// gradient. On a CPU it goes axis by axis through memory with the channels fastest, eight times as fast as libtorch's
// operator at the sides of the decoder; elsewhere it is libtorch's.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

namespace dsd {
namespace {
using at::Tensor;

/// Weights of one axis: place `o` of the result is the sum of weight[t] * place[t] for t in first[o] ..< first[o + 1].
struct Taps {
  std::vector<int64_t> first{0}, place;
  std::vector<double> weight;
  int64_t results() const { return (int64_t)first.size() - 1; }

  static Taps interpolation(int64_t from, int64_t to) {
    Taps taps;
    for (int64_t o = 0; o < to; o++) {
      const double at = to > 1 ? (double)o * (double)(from - 1) / (double)(to - 1) : 0;
      const int64_t low = std::min((int64_t)at, std::max<int64_t>(0, from - 2));
      const double high = at - (double)low;
      taps.place.push_back(low), taps.weight.push_back(1 - high);
      if (high > 0) taps.place.push_back(low + 1), taps.weight.push_back(high);
      taps.first.push_back((int64_t)taps.place.size());
    }
    return taps;
  }
  Taps transposed(int64_t from) const {
    Taps other;
    for (int64_t i = 0; i < from; i++) {
      for (int64_t o = 0; o < results(); o++)
        for (int64_t t = first[o]; t < first[o + 1]; t++)
          if (place[t] == i) other.place.push_back(o), other.weight.push_back(weight[t]);
      other.first.push_back((int64_t)other.place.size());
    }
    return other;
  }
};

/// One row of a result: the sum of rows of `inner` numbers, which are `fixed` where that is known when this is compiled.
template <typename S, int fixed> void row(const S *__restrict in, const Taps &taps, int64_t o, int64_t inner, S *__restrict out) {
  const int64_t n = fixed ? fixed : inner;
  const int64_t begin = taps.first[o], end = taps.first[o + 1];
  if (begin == end) return (void)std::fill(out, out + n, S(0));
  if (end - begin == 2) {
    const S wa = (S)taps.weight[begin], wb = (S)taps.weight[begin + 1];
    const S *a = in + taps.place[begin] * n, *b = in + taps.place[begin + 1] * n;
    for (int64_t k = 0; k < n; k++) out[k] = wa * a[k] + wb * b[k];
    return;
  }
  const S w = (S)taps.weight[begin], *a = in + taps.place[begin] * n;
  for (int64_t k = 0; k < n; k++) out[k] = w * a[k];
  for (int64_t t = begin + 1; t < end; t++) {
    const S more = (S)taps.weight[t], *b = in + taps.place[t] * n;
    for (int64_t k = 0; k < n; k++) out[k] += more * b[k];
  }
}

/// [outer, from, inner] -> [outer, to, inner].
template <typename S, int fixed> void axis(const S *in, const Taps &taps, int64_t outer, int64_t from, int64_t inner, S *out) {
  const int64_t n = fixed ? fixed : inner, to = taps.results();
  for (int64_t k = 0; k < outer; k++)
    for (int64_t o = 0; o < to; o++) row<S, fixed>(in + k * from * n, taps, o, n, out + (k * to + o) * n);
}

/// x [batch, from^3, C], memory in that order -> [batch, to^3, C].
template <typename S> void cubes(const S *x, const Taps &taps, int64_t batch, int64_t from, int64_t C, S *out) {
  const int64_t to = taps.results();
  std::vector<S> slabs(to * from * from * C), rows(to * to * from * C);
  for (int64_t b = 0; b < batch; b++, x += from * from * from * C, out += to * to * to * C) {
    axis<S, 0>(x, taps, 1, from, from * from * C, slabs.data());
    axis<S, 0>(slabs.data(), taps, to, from, from * C, rows.data());
    switch (C) {
    case 4: axis<S, 4>(rows.data(), taps, to * to, from, C, out); break;
    case 8: axis<S, 8>(rows.data(), taps, to * to, from, C, out); break;
    case 16: axis<S, 16>(rows.data(), taps, to * to, from, C, out); break;
    default: axis<S, 0>(rows.data(), taps, to * to, from, C, out);
    }
  }
}

Tensor applied(const Tensor &x, const Taps &taps) {
  const auto memory = x.permute({0, 2, 3, 4, 1}).contiguous();
  const int64_t batch = x.size(0), C = x.size(1), to = taps.results();
  auto out = at::empty({batch, to, to, to, C}, memory.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "resample_cubes", [&] {
    cubes(memory.const_data_ptr<scalar_t>(), taps, batch, x.size(2), C, out.mutable_data_ptr<scalar_t>());
  });
  return out.permute({0, 4, 1, 2, 3});
}

struct Resample : torch::autograd::Function<Resample> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &x, int64_t side) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->saved_data["from"] = x.size(2), ctx->saved_data["to"] = side;
    return applied(x, Taps::interpolation(x.size(2), side));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const int64_t from = ctx->saved_data["from"].toInt(), to = ctx->saved_data["to"].toInt();
    return {applied(grads[0], Taps::interpolation(from, to).transposed(from)), Tensor()};
  }
};

Tensor resampleCubes(const Tensor &x, int64_t side) {
  TORCH_CHECK(x.dim() == 5 && x.size(2) == x.size(3) && x.size(3) == x.size(4) && x.size(2) > 0 && side > 0,
              "cubes want [batch, C, r, r, r] and a side of 1 or more, found ", x.sizes(), " and ", side);
  const bool own = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
  return own ? Resample::apply(x, side) : at::upsample_trilinear3d(x, {side, side, side}, true);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) { m.def("resample_cubes(Tensor input, int side) -> Tensor"); }
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) { m.impl("resample_cubes", dsd::resampleCubes); }
