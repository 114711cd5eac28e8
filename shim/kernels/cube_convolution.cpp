// Operators dsd::upsampling_convolution and dsd::downsampling_convolution with their gradients: the transposed
// convolution that doubles the side of cubes (kernel 2, or kernel 4 with padding 1) and the convolution that halves it
// (kernel 4, stride 2, padding 1), with bias and leaky activation. On a CPU in float32 and on a CUDA device layers of
// few channels have kernels of their own; the rest is libtorch's.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "cube_layers.h"
#include "upsampling_cuda.h"

namespace dsd {
namespace {
using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Tensor channelsLast(const Tensor &x) { return x.permute({0, 2, 3, 4, 1}).contiguous(); }
Tensor channelsSecond(const Tensor &x) { return x.permute({0, 4, 1, 2, 3}); }

bool onProcessor(const Tensor &input, const Tensor &weight, const Tensor &bias) {
  const auto type = input.scalar_type();
  return input.is_cpu() && (type == at::kFloat || type == at::kDouble) && weight.scalar_type() == type &&
         bias.scalar_type() == type && input.numel() > 0;
}

/// Where the kernels of the CPU were measured to be faster than libtorch's (docs/speed.md). `r` is the coarse side.
bool fits(int64_t coarse, int64_t fine, int64_t r) {
  return cube_layer_fits(coarse, fine) && (coarse * fine <= 512 || (r <= 4 && coarse * fine <= 2048));
}

/// For the number type of a layer: whether it would run here.
Tensor isOwn(int64_t coarse, int64_t fine, int64_t r) { return at::scalar_tensor(fits(coarse, fine, r), at::kBool); }

/// Both layers: `up` makes the fine cube of the coarse one, and may leave out what lies outside of rows.
template <bool up> struct CubeConvolution : torch::autograd::Function<CubeConvolution<up>> {
  static Tensor forward(AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &bias, double slope,
                        const CoarseRows &rows) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto x = channelsLast(input), w = weight.contiguous();
    const Activation activation{bias.contiguous(), slope};
    const auto y = up ? to_fine_cpu(x, w, 2 * x.size(1), activation, rows) : to_coarse_cpu(x, w, activation, rows);
    ctx->save_for_backward({x, w, y, rows.from, rows.to});
    ctx->saved_data["slope"] = slope;
    return channelsSecond(y);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w = saved[1], &y = saved[2];
    const CoarseRows rows{saved[3], saved[4]};
    const auto [g, gb] = activation_gradient_cpu(channelsLast(grads[0]), y, ctx->saved_data["slope"].toDouble());
    const auto gw = up ? cube_weight_gradient_cpu(x, g, rows) : cube_weight_gradient_cpu(g, x, rows);
    Tensor gx;
    if (ctx->needs_input_grad(0)) gx = channelsSecond(up ? to_coarse_cpu(g, w, {}, rows) : to_fine_cpu(g, w, x.size(1), {}, rows));
    return {gx, gw, gb, Tensor(), Tensor()};
  }
};

/// Kernel 2 without padding: every coarse place makes 2^3 fine ones of its own, so one matrix product does it.
struct KernelTwo : torch::autograd::Function<KernelTwo> {
  static Tensor forward(AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &bias, double slope) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const int64_t B = input.size(0), r = input.size(2), cb = weight.size(1);
    const auto x = channelsLast(input).view({-1, weight.size(0)}), w = weight.contiguous().flatten(1);
    const auto places = at::mm(x, w).view({B, r, r, r, cb, 2, 2, 2}).permute({0, 1, 5, 2, 6, 3, 7, 4});
    auto y = places.reshape({B, 2 * r, 2 * r, 2 * r, cb}).contiguous().add_(bias);
    if (slope != 1) at::leaky_relu_(y, slope);
    ctx->save_for_backward({x, weight, y});
    ctx->saved_data["slope"] = slope;
    return channelsSecond(y);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &y = saved[2];
    const int64_t B = y.size(0), r = y.size(1) / 2, cb = y.size(4);
    const auto [g, gb] = activation_gradient_cpu(channelsLast(grads[0]), y, ctx->saved_data["slope"].toDouble());
    const auto places = g.view({B, r, 2, r, 2, r, 2, cb}).permute({0, 1, 3, 5, 7, 2, 4, 6}).reshape({-1, 8 * cb});
    const auto gx = at::mm(places, weight.contiguous().flatten(1).t()).view({B, r, r, r, -1});
    return {channelsSecond(gx), at::mm(x.t(), places).view(weight.sizes()), gb, Tensor()};
  }
};

struct CudaUpsampling : torch::autograd::Function<CudaUpsampling> {
  static Tensor forward(AutogradContext *ctx, const Tensor &input, const Tensor &weight, const Tensor &bias) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const auto x = channelsLast(input);
    const auto w = weight.to(at::kFloat).contiguous().flatten(2), b = bias.to(at::kFloat).contiguous();
    ctx->save_for_backward({x, w});
    ctx->saved_data["type"] = (int64_t)weight.scalar_type();
    const auto y = upsampling_cuda(x, w, b, {}, {});
    return channelsSecond(y).to(input.scalar_type());
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto type = (at::ScalarType)ctx->saved_data["type"].toInt();
    const auto g = channelsLast(grads[0].to(w.size(1) == 1 ? w.scalar_type() : x.scalar_type()));
    const auto [gx, gw] = upsampling_gradients_cuda(x, w, g, {}, {});
    const auto gb = g.sum({0, 1, 2, 3}, false, w.scalar_type());
    return {channelsSecond(gx), gw.view({w.size(0), w.size(1), 4, 4, 4}).to(type), gb.to(type)};
  }
};

bool cube(const Tensor &t) { return t.size(2) == t.size(3) && t.size(3) == t.size(4); }

/// In its own memory: nobody else holds a layer's result.
Tensor activated(Tensor x, double slope) { return slope == 1 ? x : at::leaky_relu_(x, slope); }

Tensor upsamplingConvolution(const Tensor &input, const Tensor &weight, const Tensor &bias, double slope,
                             const std::optional<Tensor> &from, const std::optional<Tensor> &to) {
  TORCH_CHECK(input.dim() == 5 && weight.dim() == 5 && weight.size(0) == input.size(1) && bias.numel() == weight.size(1) &&
                  (weight.size(2) == 2 || weight.size(2) == 4),
              "input wants [batch, C, r, r, r], weight [C, O, k, k, k] with k = 2 or 4 and bias [O], found ", input.sizes(), ", ",
              weight.sizes(), " and ", bias.sizes());
  const int64_t k = weight.size(2);
  TORCH_CHECK(from.has_value() == to.has_value(), "rows want where they begin and where they end");
  const bool own = k == 4 && cube(input) && cube(weight) && input.size(2) > 0, processor = onProcessor(input, weight, bias);
  if (k == 2 && processor && cube(input) && cube(weight) && weight.size(1) % 4 == 0)
    return KernelTwo::apply(input, weight, bias, slope);
  // The gradient of the activation goes by fours of channels.
  if (own && processor && weight.size(1) % 4 == 0 && fits(weight.size(0), weight.size(1), input.size(2)))
    return CubeConvolution<true>::apply(input, weight, bias, slope,
                                        from && to ? checked_rows(*from, *to, input.size(2)) : CoarseRows{});
  const bool typed = input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16;
  if (own && input.is_cuda() && typed && upsampling_fits(weight.size(0), weight.size(1)))
    return activated(CudaUpsampling::apply(input, weight, bias), slope);
  return activated(at::conv_transpose3d(input, weight, bias, 2, k / 2 - 1), slope);
}

Tensor downsamplingConvolution(const Tensor &input, const Tensor &weight, const Tensor &bias, double slope) {
  TORCH_CHECK(input.dim() == 5 && weight.dim() == 5 && weight.size(1) == input.size(1) && bias.numel() == weight.size(0) &&
                  weight.size(2) == 4 && cube(weight),
              "input wants [batch, C, f, f, f], weight [O, C, 4, 4, 4] and bias [O], found ", input.sizes(), ", ",
              weight.sizes(), " and ", bias.sizes());
  const int64_t r = input.size(2) / 2;
  if (cube(input) && r > 0 && onProcessor(input, weight, bias) && fits(weight.size(0), weight.size(1), r))
    return CubeConvolution<false>::apply(input, weight, bias, slope, CoarseRows{});
  return activated(at::conv3d(input, weight, bias, 2, 1), slope);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("upsampling_convolution(Tensor input, Tensor weight, Tensor bias, float slope=1, Tensor? from=None, Tensor? to=None) -> Tensor");
  m.def("downsampling_convolution(Tensor input, Tensor weight, Tensor bias, float slope=1) -> Tensor");
}
TORCH_LIBRARY_FRAGMENT(dsd, m) { m.def("cube_layer_is_own(int coarse, int fine, int side) -> Tensor", dsd::isOwn); }
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) {
  m.impl("upsampling_convolution", dsd::upsamplingConvolution);
  m.impl("downsampling_convolution", dsd::downsamplingConvolution);
}
