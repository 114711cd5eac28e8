#pragma once
#include <ATen/core/Tensor.h>

namespace dsd {
at::Tensor project_reference(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                             const at::Tensor &voxels, int64_t box);
at::Tensor lookup_reference(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                            const at::Tensor &voxels, int64_t side);
} // namespace dsd
