// Operator dsd::volume_prior: mean total variation and mean absolute density of each volume, in one pass
// (paper Eq. 8, METHOD 3.3): TV = mean sqrt(1e-8 + dx^2 + dy^2 + dz^2) with backward differences, in [lo, hi) per axis.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>
#include <vector>

#include "volume_prior_cuda.h"

namespace dsd {
namespace {
using at::Tensor;
constexpr double epsilon = 1e-8;

/// Sums over a row of what `term` gives for each x, in eight parts that the processor adds at once.
template <typename S, typename Term> double rowSum(int64_t lo, int64_t hi, const Term &term) {
  S parts[8] = {0};
  int64_t x = lo;
  for (; x + 8 <= hi; x += 8)
    for (int k = 0; k < 8; k++) parts[k] += term(x + k);
  for (; x < hi; x++) parts[0] += term(x);
  double sum = 0;
  for (const S part : parts) sum += part;
  return sum;
}

template <typename S> void sums(const S *v, int64_t T, int64_t lo, int64_t hi, double &tv, double &l1) {
  for (int64_t z = lo; z < hi; z++)
    for (int64_t y = lo; y < hi; y++) {
      const S *row = v + (z * T + y) * T, *above = row - T, *behind = row - T * T;
      tv += rowSum<S>(lo, hi, [=](int64_t x) {
        const S dx = row[x] - row[x - 1], dy = row[x] - above[x], dz = row[x] - behind[x];
        return std::sqrt(S(epsilon) + dx * dx + dy * dy + dz * dz);
      });
      l1 += rowSum<S>(lo, hi, [=](int64_t x) { return std::fabs(row[x]); });
    }
}

/// A row's part in the gradient at its own places and at those before it along each axis. Every loop writes memory of
/// its own, so that the processor works on many places at once.
template <typename S> void addGradient(const S *v, S *g, int64_t T, int64_t lo, int64_t hi, S wtv, S wl1) {
  std::vector<S> parts(4 * (T + 1), 0);
  S *const px = parts.data(), *const py = px + T + 1, *const pz = py + T + 1, *const own = pz + T + 1;
  for (int64_t z = lo; z < hi; z++)
    for (int64_t y = lo; y < hi; y++) {
      const S *row = v + (z * T + y) * T, *above = row - T, *behind = row - T * T;
      S *out = g + (z * T + y) * T, *outAbove = out - T, *outBehind = out - T * T;
#pragma GCC ivdep
      for (int64_t x = lo; x < hi; x++) {
        const S dx = row[x] - row[x - 1], dy = row[x] - above[x], dz = row[x] - behind[x];
        const S k = wtv / std::sqrt(S(epsilon) + dx * dx + dy * dy + dz * dz);
        px[x] = k * dx, py[x] = k * dy, pz[x] = k * dz;
        own[x] = k * (dx + dy + dz) + (row[x] > 0 ? wl1 : S(0)) - (row[x] < 0 ? wl1 : S(0));
      }
#pragma GCC ivdep
      for (int64_t x = lo - 1; x < hi; x++) out[x] += own[x] - px[x + 1];
#pragma GCC ivdep
      for (int64_t x = lo; x < hi; x++) outAbove[x] -= py[x];
#pragma GCC ivdep
      for (int64_t x = lo; x < hi; x++) outBehind[x] -= pz[x];
    }
}

std::tuple<Tensor, Tensor> priorReference(const Tensor &V, int64_t lo, int64_t hi) {
  const int64_t n = hi - lo;
  const auto at = [&](int64_t z, int64_t y, int64_t x) {
    return V.narrow(1, lo - z, n).narrow(2, lo - y, n).narrow(3, lo - x, n);
  };
  const auto c = at(0, 0, 0);
  const auto squares = (c - at(0, 0, 1)).square() + (c - at(0, 1, 0)).square() + (c - at(1, 0, 0)).square();
  return {(squares + epsilon).sqrt().mean({1, 2, 3}), c.abs().mean({1, 2, 3})};
}

struct VolumePrior : torch::autograd::Function<VolumePrior> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext *ctx, const Tensor &volumes, int64_t lo, int64_t hi) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto V = volumes.contiguous();
    ctx->save_for_backward({V});
    ctx->saved_data["lo"] = lo, ctx->saved_data["hi"] = hi;
    const int64_t batch = V.size(0), T = V.size(-1);
    const double voxels = std::pow(double(hi - lo), 3);
    if (V.is_cuda()) {
      const auto sums = volume_prior_sums_cuda(V, lo, hi).div_(voxels).to(V.scalar_type());
      return {sums.select(1, 0).contiguous(), sums.select(1, 1).contiguous()};
    }
    auto tv = at::empty({batch}, V.options()), l1 = at::empty({batch}, V.options());
    AT_DISPATCH_FLOATING_TYPES(V.scalar_type(), "dsd::volume_prior", [&] {
      const scalar_t *v = V.const_data_ptr<scalar_t>();
      scalar_t *t = tv.mutable_data_ptr<scalar_t>(), *l = l1.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, batch, 1, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; b++) {
          double st = 0, sl = 0;
          sums(v + b * T * T * T, T, lo, hi, st, sl);
          t[b] = scalar_t(st / voxels), l[b] = scalar_t(sl / voxels);
        }
      });
    });
    return {tv, l1};
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const auto V = ctx->get_saved_variables()[0];
    const int64_t lo = ctx->saved_data["lo"].toInt(), hi = ctx->saved_data["hi"].toInt();
    const int64_t batch = V.size(0), T = V.size(-1);
    const double voxels = std::pow(double(hi - lo), 3);
    const auto weight = [&](const Tensor &g) { return g.defined() ? g.contiguous() : at::zeros({batch}, V.options()); };
    const auto gt = weight(grads[0]), gl = weight(grads[1]);
    if (V.is_cuda()) return {volume_prior_gradient_cuda(V, gt / voxels, gl / voxels, lo, hi), Tensor(), Tensor()};
    auto G = at::zeros_like(V);
    AT_DISPATCH_FLOATING_TYPES(V.scalar_type(), "dsd::volume_prior", [&] {
      const scalar_t *v = V.const_data_ptr<scalar_t>(), *t = gt.const_data_ptr<scalar_t>(), *l = gl.const_data_ptr<scalar_t>();
      scalar_t *g = G.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, batch, 1, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; b++)
          addGradient(v + b * T * T * T, g + b * T * T * T, T, lo, hi, scalar_t(t[b] / voxels), scalar_t(l[b] / voxels));
      });
    });
    return {G, Tensor(), Tensor()};
  }
};

std::tuple<Tensor, Tensor> volumePrior(const Tensor &volumes, int64_t lo, int64_t hi) {
  TORCH_CHECK(volumes.dim() == 4 && volumes.size(1) == volumes.size(2) && volumes.size(2) == volumes.size(3) &&
                  lo >= 1 && hi > lo && hi <= volumes.size(3), "volumes want [batch, T, T, T] and 1 <= lo < hi <= T, found ",
              volumes.sizes(), ", lo ", lo, ", hi ", hi);
  auto r = VolumePrior::apply(volumes, lo, hi);
  return {r[0], r[1]};
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("volume_prior(Tensor volumes, int lo, int hi) -> (Tensor, Tensor)");
  m.def("volume_prior_reference(Tensor volumes, int lo, int hi) -> (Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) {
  m.impl("volume_prior", dsd::volumePrior);
  m.impl("volume_prior_reference", dsd::priorReference);
}
