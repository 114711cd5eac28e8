// Sums and gradients of the volume priors on CUDA devices.
#pragma once
#include <ATen/core/Tensor.h>

namespace dsd {
/// Sums of the variation and of the absolute value over [lo, hi) per axis of volumes [B, T, T, T]: float64 [B, 2].
at::Tensor volume_prior_sums_cuda(const at::Tensor &volumes, int64_t lo, int64_t hi);

/// Gradient of sum_b weightTV_b sumTV_b + weightL1_b sumL1_b, [B, T, T, T].
at::Tensor volume_prior_gradient_cuda(const at::Tensor &volumes, const at::Tensor &weightTV, const at::Tensor &weightL1,
                                      int64_t lo, int64_t hi);
} // namespace dsd
