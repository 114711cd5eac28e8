// Operator dsd::density_layer: the decoder's last transposed convolution, C -> 1 channels, kernel 4, stride 2, padding 1,
// evaluated only at those input places that can reach the mask. General convolution code runs this thin layer at a tenth
// of the machine's rate.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "cube_layers.h"
#include "upsampling_cuda.h"

namespace dsd {
namespace {
using at::Tensor;

Tensor channelsLast(const Tensor &x, at::ScalarType type) { return x.permute({0, 2, 3, 4, 1}).to(type).contiguous(); }

/// The kernels take channels by fours: zeros fill the last ones.
Tensor filled(const Tensor &x, int64_t side) {
  const int64_t missing = (4 - x.size(side) % 4) % 4;
  if (missing == 0) return x;
  auto shape = x.sizes().vec();
  shape[side] = missing;
  return at::cat({x, at::zeros(shape, x.options())}, side);
}

struct DensityLayer : torch::autograd::Function<DensityLayer> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &from, const Tensor &to) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto type = input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const bool brief = input.is_cuda() && input.scalar_type() == at::kBFloat16;
    const auto x = channelsLast(input, brief ? at::kBFloat16 : type), w = weight.to(type).contiguous();
    ctx->save_for_backward({x, w, from, to});
    ctx->saved_data["inputType"] = (int64_t)input.scalar_type(), ctx->saved_data["weightType"] = (int64_t)weight.scalar_type();
    if (x.is_cuda()) return upsampling_cuda(x, w.flatten(2), {}, from, to).squeeze(4);
    return to_fine_cpu(filled(x, 4), filled(w, 0), 2 * x.size(1), {}, {from, to}).squeeze(4);
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
    const int64_t C = x.size(4);
    const CoarseRows rows{saved[2], saved[3]};
    const auto fine = g.unsqueeze(4);
    const auto gx = to_coarse_cpu(fine, filled(w, 0), {}, rows).narrow(4, 0, C);
    const auto gw = cube_weight_gradient_cpu(filled(x, 4), fine, rows).narrow(0, 0, C);
    return {gx.permute({0, 4, 1, 2, 3}).to(inputType), gw.to(weightType), Tensor(), Tensor()};
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
