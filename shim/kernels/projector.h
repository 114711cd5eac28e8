// The voxel-driven projector and the image look-up that is its exact adjoint.
//
// A voxel list names the voxels of a T^3 grid that take part: `index` int32 [n] (flat, ascending) and `voxels` [4, n]
// with rows x, y, z (coordinates about index T/2, in pixels of the image) and a weight (the soft mask).
// A rotation is RELION's matrix Rm [3, 3]; voxel X meets the P x P image at P/2 + (Rm X)_xy, with bilinear weights.
#pragma once
#include <ATen/core/Tensor.h>

namespace dsd {
/// The most by which a matrix of the list lengthens a coordinate that it maps to the image; 1 for rotations.
double stretch(const at::Tensor &rotations);

/// Side of an image so padded that voxels up to `reach` pixels from the centre meet it at least one pixel inside.
int64_t paddedSide(double reach, int64_t box);

/// Refuses what no projector can work on: rotations [B, K, 3, 3] and a voxel list with values of one type on one device.
void checkProjection(const at::Tensor &rotations, const at::Tensor &index, const at::Tensor &voxels, const at::Tensor &values);

/// volumes [B, T, T, T], rotations [B, K, 3, 3] -> images [B, K, P, P].
at::Tensor project_cpu(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                       const at::Tensor &voxels, int64_t box);

/// images [B, K, P, P] -> volumes [B, T, T, T], summed over K; voxels outside the list are zero.
at::Tensor lookup_cpu(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                      const at::Tensor &voxels, int64_t side);

/// d(sum(images * project(volumes))) / d rotations, [B, K, 3, 3].
at::Tensor rotation_gradient_cpu(const at::Tensor &images, const at::Tensor &volumes, const at::Tensor &rotations,
                                 const at::Tensor &index, const at::Tensor &voxels);

// The same on CUDA devices.
at::Tensor project_cuda(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                        const at::Tensor &voxels, int64_t box);
at::Tensor lookup_cuda(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                       const at::Tensor &voxels, int64_t side);
at::Tensor rotation_gradient_cuda(const at::Tensor &images, const at::Tensor &volumes, const at::Tensor &rotations,
                                  const at::Tensor &index, const at::Tensor &voxels);
} // namespace dsd
