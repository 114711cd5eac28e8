// The projector and its adjoint in plain tensor operators: the second opinion that tests and `dsd selftest` hold the
// kernels against.
#include <ATen/ATen.h>

#include <cmath>

#include "projector.h"
#include "projector_reference.h"

namespace dsd {
namespace {
struct Corners {
  at::Tensor at[4], weight[4]; // flat cell in a padded image [B, K, n], and the bilinear weight
  int64_t side;
};

Corners corners(const at::Tensor &rotations, const at::Tensor &voxels, int64_t box) {
  const auto reach = voxels.size(1) ? voxels.narrow(0, 0, 3).square().sum(0).max().sqrt().item<double>() : 0;
  const int64_t side = paddedSide(stretch(rotations) * reach, box);
  const auto uv = at::matmul(rotations.narrow(2, 0, 2), voxels.narrow(0, 0, 3)) + (double)(side / 2);
  const auto cell = uv.detach().floor(), fraction = uv - cell;
  const auto iu = cell.select(2, 0).to(at::kLong), iv = cell.select(2, 1).to(at::kLong);
  const auto fu = fraction.select(2, 0), fv = fraction.select(2, 1);
  const auto o = iv * side + iu;
  return {{o, o + 1, o + side, o + side + 1},
          {(1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv},
          side};
}
} // namespace

double stretch(const at::Tensor &rotations) {
  if (rotations.numel() == 0) return 1;
  const double longest = rotations.detach().narrow(2, 0, 2).square().sum(3).max().item<double>();
  TORCH_CHECK(std::isfinite(longest), "rotations want finite values");
  // Rounding is well inside the padding; a side that moved with it would move the rounding of every voxel's place.
  return longest < 1.00001 ? 1 : std::sqrt(longest);
}

int64_t paddedSide(double reach, int64_t box) {
  TORCH_CHECK(box > 0 && std::max((double)box, 2 * reach + 6) < 32768, "an image of side ", box, " with voxels ", reach,
              " pixels from its centre is not possible");
  return std::max(box, 2 * ((int64_t)reach + 3));
}

at::Tensor project_reference(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                             const at::Tensor &voxels, int64_t box) {
  const int64_t batch = rotations.size(0), poses = rotations.size(1);
  const auto c = corners(rotations, voxels, box);
  const auto values = (volumes.flatten(1).index_select(1, index.to(at::kLong)) * voxels[3]).unsqueeze(1);
  auto image = at::zeros({batch, poses, c.side * c.side}, volumes.options());
  for (int k = 0; k < 4; k++) image = image.scatter_add(2, c.at[k], values * c.weight[k]);
  const int64_t o = c.side / 2 - box / 2;
  return image.view({batch, poses, c.side, c.side}).narrow(2, o, box).narrow(3, o, box).contiguous();
}

at::Tensor lookup_reference(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                            const at::Tensor &voxels, int64_t T) {
  const int64_t batch = images.size(0), poses = images.size(1), box = images.size(2);
  const auto c = corners(rotations, voxels, box);
  const int64_t o = c.side / 2 - box / 2, p = c.side - box - o;
  const auto padded = at::constant_pad_nd(images, {o, p, o, p}).view({batch, poses, c.side * c.side});
  auto value = padded.gather(2, c.at[0]) * c.weight[0];
  for (int k = 1; k < 4; k++) value = value + padded.gather(2, c.at[k]) * c.weight[k];
  const auto sum = (value * voxels[3]).sum(1);
  const auto out = at::zeros({batch, T * T * T}, images.options());
  return out.index_copy(1, index.to(at::kLong), sum).view({batch, T, T, T});
}
} // namespace dsd
