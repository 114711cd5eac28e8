// Operator dsd::density_layer: the decoder's last transposed convolution, C -> 1 channels, kernel 4, stride 2, padding 1,
// evaluated only at those input places that can reach the mask. General convolution code runs this thin layer at a tenth
// of the machine's rate; here a place is one small matrix product [C] x [C, 64] held in registers.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cstring>
#include <vector>

#include "upsampling_cuda.h"

namespace dsd {
namespace {
using at::Tensor;
constexpr int taps = 64;

/// For each input row (z, y): the range of x whose outputs matter.
struct Rows {
  const int32_t *from, *to;
};

template <typename S> void copyInterior(S *grid, S *padded, int64_t side, bool intoPadded) {
  const int64_t s = side + 2;
  for (int64_t z = 0; z < side; z++)
    for (int64_t y = 0; y < side; y++) {
      S *p = padded + ((z + 1) * s + y + 1) * s + 1, *g = grid + (z * side + y) * side;
      std::memcpy(intoPadded ? p : g, intoPadded ? g : p, sizeof(S) * side);
    }
}

template <typename S> S *corner(S *padded, int64_t r, int64_t z, int64_t y, int64_t x) {
  const int64_t s = 2 * r + 2;
  return padded + ((2 * z) * s + 2 * y) * s + 2 * x;
}

/// x [r, r, r, C], w [C, 64] -> out [2r, 2r, 2r].
template <typename S> void forwardOne(const S *x, int64_t r, int64_t C, const S *w, Rows rows, S *padded, S *out) {
  const int64_t s = 2 * r + 2;
  std::memset(padded, 0, sizeof(S) * s * s * s);
  for (int64_t z = 0; z < r; z++)
    for (int64_t y = 0; y < r; y++)
      for (int64_t i = rows.from[z * r + y]; i < rows.to[z * r + y]; i++) {
        S sum[taps] = {0};
        const S *in = x + ((z * r + y) * r + i) * C;
        for (int64_t c = 0; c < C; c++) {
          const S a = in[c];
          const S *wc = w + c * taps;
          for (int k = 0; k < taps; k++) sum[k] += a * wc[k];
        }
        S *p = corner(padded, r, z, y, i);
        for (int kz = 0; kz < 4; kz++)
          for (int ky = 0; ky < 4; ky++) {
            S *q = p + (kz * s + ky) * s;
            const S *t = sum + (kz * 4 + ky) * 4;
            for (int kx = 0; kx < 4; kx++) q[kx] += t[kx];
          }
      }
  copyInterior(out, padded, 2 * r, false);
}

/// Gradients of one volume: gx [r, r, r, C] (zeroed by the caller), gw [C, 64] added to. C = 0: the run-time channel count.
template <typename S, int fixedC>
void backwardOne(const S *x, int64_t r, int64_t channels, const S *wt, Rows rows, const S *padded, S *gx, S *gw) {
  const int64_t C = fixedC ? fixedC : channels, s = 2 * r + 2;
  for (int64_t z = 0; z < r; z++)
    for (int64_t y = 0; y < r; y++)
      for (int64_t i = rows.from[z * r + y]; i < rows.to[z * r + y]; i++) {
        S patch[taps];
        const S *p = corner(padded, r, z, y, i);
        for (int kz = 0; kz < 4; kz++)
          for (int ky = 0; ky < 4; ky++) std::memcpy(patch + (kz * 4 + ky) * 4, p + (kz * s + ky) * s, 4 * sizeof(S));
        const int64_t o = ((z * r + y) * r + i) * C;
        if constexpr (fixedC > 0) {
          S sum[fixedC > 0 ? fixedC : 1] = {0};
          for (int k = 0; k < taps; k++)
            for (int64_t c = 0; c < C; c++) sum[c] += patch[k] * wt[k * C + c];
          std::memcpy(gx + o, sum, sizeof(sum));
        } else {
          for (int k = 0; k < taps; k++)
            for (int64_t c = 0; c < C; c++) gx[o + c] += patch[k] * wt[k * C + c];
        }
        for (int64_t c = 0; c < C; c++) {
          const S a = x[o + c];
          for (int k = 0; k < taps; k++) gw[c * taps + k] += a * patch[k];
        }
      }
}

template <typename S> auto backwardFor(int64_t C) {
  switch (C) {
  case 4: return backwardOne<S, 4>;
  case 8: return backwardOne<S, 8>;
  case 16: return backwardOne<S, 16>;
  case 32: return backwardOne<S, 32>;
  default: return backwardOne<S, 0>;
  }
}

Tensor channelsLast(const Tensor &x, at::ScalarType type) { return x.permute({0, 2, 3, 4, 1}).to(type).contiguous(); }

struct DensityLayer : torch::autograd::Function<DensityLayer> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &from, const Tensor &to) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto type = input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const bool brief = input.is_cuda() && input.scalar_type() == at::kBFloat16;
    const auto x = channelsLast(input, brief ? at::kBFloat16 : type), w = weight.to(type).contiguous();
    ctx->save_for_backward({x, w, from, to});
    ctx->saved_data["inputType"] = (int64_t)input.scalar_type(), ctx->saved_data["weightType"] = (int64_t)weight.scalar_type();
    if (x.is_cuda()) return upsampling_cuda(x, w.flatten(2), {}, from, to).squeeze(4);
    const int64_t B = x.size(0), r = x.size(1), C = x.size(4);
    auto out = at::empty({B, 2 * r, 2 * r, 2 * r}, x.options());
    const Rows rows{from.const_data_ptr<int32_t>(), to.const_data_ptr<int32_t>()};
    AT_DISPATCH_FLOATING_TYPES(type, "dsd::density_layer", [&] {
      const scalar_t *xp = x.const_data_ptr<scalar_t>(), *wp = w.const_data_ptr<scalar_t>();
      scalar_t *op = out.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, B, 1, [&](int64_t b0, int64_t b1) {
        std::vector<scalar_t> padded((2 * r + 2) * (2 * r + 2) * (2 * r + 2));
        for (int64_t b = b0; b < b1; b++)
          forwardOne(xp + b * r * r * r * C, r, C, wp, rows, padded.data(), op + b * 8 * r * r * r);
      });
    });
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto g = grads[0].contiguous();
    const auto inputType = (at::ScalarType)ctx->saved_data["inputType"].toInt(), weightType = (at::ScalarType)ctx->saved_data["weightType"].toInt();
    if (x.is_cuda()) {
      const auto [gx, gw] = upsampling_gradients_cuda(x, w.flatten(2), g.to(w.scalar_type()).unsqueeze(4), saved[2], saved[3]);
      return {gx.permute({0, 4, 1, 2, 3}).to(inputType), gw.view(w.sizes()).to(weightType), Tensor(), Tensor()};
    }
    const int64_t B = x.size(0), r = x.size(1), C = x.size(4);
    const auto wt = w.view({C, taps}).t().contiguous();
    auto gx = at::zeros_like(x), gw = at::zeros({B, C, taps}, w.options());
    const Rows rows{saved[2].const_data_ptr<int32_t>(), saved[3].const_data_ptr<int32_t>()};
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "dsd::density_layer", [&] {
      const auto one = backwardFor<scalar_t>(C);
      const scalar_t *xp = x.const_data_ptr<scalar_t>(), *wp = wt.const_data_ptr<scalar_t>();
      scalar_t *gp = g.mutable_data_ptr<scalar_t>(), *gxp = gx.mutable_data_ptr<scalar_t>(), *gwp = gw.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, B, 1, [&](int64_t b0, int64_t b1) {
        std::vector<scalar_t> padded((2 * r + 2) * (2 * r + 2) * (2 * r + 2), 0);
        for (int64_t b = b0; b < b1; b++) {
          copyInterior(gp + b * 8 * r * r * r, padded.data(), 2 * r, true);
          one(xp + b * r * r * r * C, r, C, wp, rows, padded.data(), gxp + b * r * r * r * C, gwp + b * C * taps);
        }
      });
    });
    return {gx.permute({0, 4, 1, 2, 3}).to(inputType), gw.sum(0).view(w.sizes()).to(weightType), Tensor(), Tensor()};
  }
};

Tensor densityLayer(const Tensor &input, const Tensor &weight, const Tensor &from, const Tensor &to) {
  TORCH_CHECK(input.dim() == 5 && input.size(2) == input.size(3) && input.size(3) == input.size(4) &&
                  weight.sizes() == at::IntArrayRef({input.size(1), 1, 4, 4, 4}),
              "input wants [batch, C, r, r, r] and weight [C, 1, 4, 4, 4], found ", input.sizes(), " and ", weight.sizes());
  const int64_t r = input.size(2);
  TORCH_CHECK(from.numel() == r * r && to.numel() == r * r && from.scalar_type() == at::kInt && to.scalar_type() == at::kInt,
              "row ranges want int32 [", r * r, "]");
  TORCH_CHECK(input.is_cpu() || input.is_cuda(), "there are kernels for CPU and CUDA, found ", input.device());
  // On CUDA the ranges are kept to the volume by the kernel: asking here would wait for the device.
  TORCH_CHECK(from.is_contiguous() && to.is_contiguous() &&
                  (r == 0 || !input.is_cpu() || ((from >= 0) & (to <= r)).all().item<bool>()),
              "row ranges want contiguous values of 0...", r);
  if (input.is_cpu() || upsampling_fits(input.size(1), 1)) return DensityLayer::apply(input, weight, from, to);
  return at::conv_transpose3d(input, weight.to(input.scalar_type()), {}, 2, 1).squeeze(1).to(at::kFloat);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("density_layer(Tensor input, Tensor weight, Tensor from, Tensor to) -> Tensor");
}
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) { m.impl("density_layer", dsd::densityLayer); }
