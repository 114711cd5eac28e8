// The decoder's last layer on CUDA devices; see density_layer.cpp.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

namespace dsd {
/// Most channels that the kernels hold.
constexpr int64_t densityChannelsCuda = 64;

/// x [B, r, r, r, C] in float32, float64 or bfloat16, w [C, 64] -> [B, 2r, 2r, 2r]; float32 for bfloat16.
at::Tensor density_layer_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &from, const at::Tensor &to);

/// Gradients of x, in its type, and of w; g [B, 2r, 2r, 2r] in the type of w.
std::pair<at::Tensor, at::Tensor> density_layer_gradients_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &g,
                                                               const at::Tensor &from, const at::Tensor &to);
} // namespace dsd
