// The functions of cube_layers.h where the fine cube has one channel: the decoder's last layer and the encoder's first.
// One channel fills no vector, so places along x do: the coarse cube is laid out by channels, and the fine one by odd
// and even places.
#pragma once
#include "cube_layers.h"

namespace dsd {
/// `base` [f, f, f] is added to every result, and is all of it outside the rows; it may be undefined.
at::Tensor thin_to_fine_cpu(const at::Tensor &coarse, const at::Tensor &weight, int64_t f, const Activation &activation,
                            const CoarseRows &rows, const at::Tensor &base = {});
at::Tensor thin_to_coarse_cpu(const at::Tensor &fine, const at::Tensor &weight, const Activation &activation,
                              const CoarseRows &rows);
at::Tensor thin_weight_gradient_cpu(const at::Tensor &coarse, const at::Tensor &fine, const CoarseRows &rows);
} // namespace dsd
