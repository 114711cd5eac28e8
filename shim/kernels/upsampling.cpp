// Operator dsd::upsampling_convolution: a transposed convolution that doubles the side of cubes, kernel 2 or kernel 4
// with padding 1. On a CUDA device layers of few channels have kernels of their own; the rest is libtorch's.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "upsampling_cuda.h"

namespace dsd {
namespace {
using at::Tensor;

struct Upsampling : torch::autograd::Function<Upsampling> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &bias) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto x = input.permute({0, 2, 3, 4, 1}).contiguous();
    const auto w = weight.to(at::kFloat).contiguous().flatten(2), b = bias.to(at::kFloat).contiguous();
    ctx->save_for_backward({x, w});
    ctx->saved_data["type"] = (int64_t)weight.scalar_type();
    const auto y = upsampling_cuda(x, w, b, {}, {});
    return y.permute({0, 4, 1, 2, 3}).to(input.scalar_type());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto type = (at::ScalarType)ctx->saved_data["type"].toInt();
    const auto g = grads[0].permute({0, 2, 3, 4, 1}).to(w.size(1) == 1 ? w.scalar_type() : x.scalar_type()).contiguous();
    const auto [gx, gw] = upsampling_gradients_cuda(x, w, g, {}, {});
    const auto gb = g.sum({0, 1, 2, 3}, false, w.scalar_type());
    return {gx.permute({0, 4, 1, 2, 3}), gw.view({w.size(0), w.size(1), 4, 4, 4}).to(type), gb.to(type)};
  }
};

Tensor upsamplingConvolution(const Tensor &input, const Tensor &weight, const Tensor &bias) {
  TORCH_CHECK(input.dim() == 5 && weight.dim() == 5 && weight.size(0) == input.size(1) && bias.numel() == weight.size(1) &&
                  (weight.size(2) == 2 || weight.size(2) == 4),
              "input wants [batch, C, r, r, r], weight [C, O, k, k, k] with k = 2 or 4 and bias [O], found ", input.sizes(), ", ",
              weight.sizes(), " and ", bias.sizes());
  const int64_t k = weight.size(2);
  const bool cube = input.size(2) == input.size(3) && input.size(3) == input.size(4) && weight.size(3) == k && weight.size(4) == k;
  const bool typed = input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16;
  if (input.is_cuda() && k == 4 && cube && typed && upsampling_fits(weight.size(0), weight.size(1)))
    return Upsampling::apply(input, weight, bias);
  return at::conv_transpose3d(input, weight, bias, 2, k / 2 - 1);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("upsampling_convolution(Tensor input, Tensor weight, Tensor bias) -> Tensor");
}
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) { m.impl("upsampling_convolution", dsd::upsamplingConvolution); }
