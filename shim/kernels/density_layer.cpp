// Operator dsd::density_layer: the decoder's last transposed convolution, C -> 1 channels, kernel 4, stride 2, padding 1,
// evaluated only at those input places that can reach the mask, plus a bias and a volume that all images share. General
// convolution code runs this thin layer at a tenth of the machine's rate, and sums of volumes are passes over memory.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "cube_layers.h"
#include "thin_layer.h"
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

/// What is added to every volume, one number or [side, side, side]; undefined where there is nothing.
Tensor shared(const std::optional<Tensor> &bias, const std::optional<Tensor> &base, at::ScalarType type) {
  if (!bias && !base) return {};
  return (!bias ? *base : base ? *base + *bias : *bias).to(type);
}

struct DensityLayer : torch::autograd::Function<DensityLayer> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &input, const Tensor &weight,
                        const std::optional<Tensor> &bias, const std::optional<Tensor> &base, const Tensor &from, const Tensor &to) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto type = input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const bool brief = input.is_cuda() && input.scalar_type() == at::kBFloat16;
    const auto x = channelsLast(input, brief ? at::kBFloat16 : type), w = weight.to(type).contiguous();
    ctx->save_for_backward({x, w, from, to});
    ctx->saved_data["inputType"] = (int64_t)input.scalar_type(), ctx->saved_data["weightType"] = (int64_t)weight.scalar_type();
    const auto ground = shared(bias, base, type);
    ctx->saved_data["hasBias"] = bias.has_value();
    if (x.is_cuda()) {
      const auto y = upsampling_cuda(x, w.flatten(2), {}, from, to).squeeze(4);
      return ground.defined() ? y + ground : y;
    }
    const int64_t side = 2 * x.size(1);
    const auto volume = ground.defined() ? ground.expand({side, side, side}).contiguous() : ground;
    return thin_to_fine_cpu(filled(x, 4), filled(w, 0), side, {}, {from, to}, volume).squeeze(4);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto g = grads[0].contiguous();
    const auto gb = ctx->saved_data["hasBias"].toBool() && ctx->needs_input_grad(2) ? g.sum().reshape({1}) : Tensor();
    const auto inputType = (at::ScalarType)ctx->saved_data["inputType"].toInt(), weightType = (at::ScalarType)ctx->saved_data["weightType"].toInt();
    if (x.is_cuda()) {
      const auto [gx, gw] = upsampling_gradients_cuda(x, w.flatten(2), g.to(w.scalar_type()).unsqueeze(4), saved[2], saved[3]);
      return {gx.permute({0, 4, 1, 2, 3}).to(inputType), gw.view(w.sizes()).to(weightType), gb, Tensor(), Tensor(), Tensor()};
    }
    const int64_t C = x.size(4);
    const CoarseRows rows{saved[2], saved[3]};
    const auto fine = g.unsqueeze(4);
    const auto gx = to_coarse_cpu(fine, filled(w, 0), {}, rows).narrow(4, 0, C);
    const auto gw = cube_weight_gradient_cpu(filled(x, 4), fine, rows).narrow(0, 0, C);
    return {gx.permute({0, 4, 1, 2, 3}).to(inputType), gw.to(weightType), gb, Tensor(), Tensor(), Tensor()};
  }
};

Tensor densityLayer(const Tensor &input, const Tensor &weight, const std::optional<Tensor> &bias,
                    const std::optional<Tensor> &base, const Tensor &from, const Tensor &to) {
  TORCH_CHECK(input.dim() == 5 && input.size(2) == input.size(3) && input.size(3) == input.size(4) &&
                  weight.sizes() == at::IntArrayRef({input.size(1), 1, 4, 4, 4}),
              "input wants [batch, C, r, r, r] and weight [C, 1, 4, 4, 4], found ", input.sizes(), " and ", weight.sizes());
  const int64_t r = input.size(2);
  TORCH_CHECK(!bias || (bias->numel() == 1 && bias->scalar_type() == weight.scalar_type()),
              "the bias wants one number of the weight's type");
  TORCH_CHECK(!base || (base->numel() == 8 * r * r * r && !base->requires_grad()),
              "the base wants the voxels of a volume of side ", 2 * r, " and has no gradient");
  TORCH_CHECK(input.is_cpu() || input.is_cuda(), "there are kernels for CPU and CUDA, found ", input.device());
  checked_rows(from, to, r);
  const auto volume = base ? std::optional(base->view({2 * r, 2 * r, 2 * r})) : std::nullopt;
  if (input.is_cpu() || upsampling_fits(input.size(1), 1)) return DensityLayer::apply(input, weight, bias, volume, from, to);
  const auto y = at::conv_transpose3d(input, weight.to(input.scalar_type()), {}, 2, 1).squeeze(1).to(at::kFloat);
  const auto ground = shared(bias, volume, at::kFloat);
  return ground.defined() ? y + ground : y;
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("density_layer(Tensor input, Tensor weight, Tensor? bias, Tensor? base, Tensor from, Tensor to) -> Tensor");
}
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) { m.impl("density_layer", dsd::densityLayer); }
