// Transposed convolutions of few channels (kernel 4, stride 2, padding 1) on CUDA devices, where cuDNN runs them at a
// hundredth of the device's rate.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

namespace dsd {
/// Whether the kernels hold the weights of a layer.
constexpr bool upsampling_fits(int64_t input, int64_t output) { return output <= 8 && input <= 64 && input * output <= 128; }

/// x [B, r, r, r, C] in float32, float64 or bfloat16, w [C, O, 64] in float32 (float64), bias [O] likewise or undefined
/// -> [B, 2r, 2r, 2r, O]: in the type of w where O is 1, of x otherwise.
///
/// `from` and `to`, int32 [r * r] each, are the range of x that has a part in each row (z, y); undefined: all.
at::Tensor upsampling_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &bias, const at::Tensor &from,
                           const at::Tensor &to);

/// Gradients of x, in its type, and of w; g [B, 2r, 2r, 2r, O] in the type of the output.
std::tuple<at::Tensor, at::Tensor> upsampling_gradients_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &g,
                                                             const at::Tensor &from, const at::Tensor &to);
} // namespace dsd
