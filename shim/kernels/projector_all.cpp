// Operator dsd::project_all: every one of a few volumes at every one of many poses.
//
// At one pose all volumes meet the image in the same places with the same weights. On the CPU the values of up to 16
// volumes lie side by side, so that a voxel of all of them costs four additions of wide vectors.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <memory>

#include "projector.h"
#include "projector_places.h"

namespace dsd {
namespace {
using at::Tensor;

/// Numbers that begin where a cache line does.
template <typename S> struct Aligned {
  std::unique_ptr<S[]> memory;
  S *data;
  explicit Aligned(int64_t count) : memory(new S[count + 64 / sizeof(S)]) {
    data = (S *)(((uintptr_t)memory.get() + 63) / 64 * 64);
  }
};

/// Weighted values of L volumes, [n, L]; where there are fewer, the last lanes are 0.
template <typename S, int L>
void interleave(const S *volumes, int64_t count, int64_t size, const Voxels<S> &v, S *values) {
  std::fill(values, values + v.n * L, S(0));
  for (int64_t k = 0; k < count; k++)
    for (int64_t i = 0; i < v.n; i++) values[i * L + k] = volumes[k * size + v.index[i]] * v.weight[i];
}

/// Images of `count` volumes at a pose, [count, box, box].
template <typename S, int L>
void splatAll(const S *values, int64_t count, const Voxels<S> &v, const S *r, int64_t side, S *cells, S *images, int64_t box) {
  using All = Lanes<S, L>;
  std::memset(cells, 0, sizeof(S) * L * side * side);
  Place<S> p;
  for (size_t run = 0; run < v.runs.size();) {
    const S *value = values + v.runs[run].first * L;
    const int64_t n = placeRuns(v, run, r, side, p), half = n / 2;
    const auto add = [&](int64_t i) {
      const auto here = All::load(value + L * i);
      const auto right = here * p.fu[i], left = here - right;
      const auto rightBelow = right * p.fv[i], leftBelow = left * p.fv[i];
      S *above = cells + L * (int64_t)p.at[i], *below = above + L * side;
      All::store(above, All::load(above) + (left - leftBelow));
      All::store(above + L, All::load(above + L) + (right - rightBelow));
      All::store(below, All::load(below) + leftBelow);
      All::store(below + L, All::load(below + L) + rightBelow);
    };
    // Neighbours wait for each other's sums; voxels from two ends of the block do not.
    for (int64_t i = 0; i < half; i++) add(i), add(half + i);
    if (n % 2) add(n - 1);
  }
  const int64_t o = side / 2 - box / 2;
  for (int64_t j = 0; j < box; j++) {
    const S *row = cells + L * ((j + o) * side + o);
    for (int64_t k = 0; k < count; k++) {
      S *image = images + (k * box + j) * box;
      for (int64_t i = 0; i < box; i++) image[i] = row[i * L + k];
    }
  }
}

template <typename S, int L>
void projectGroup(const Tensor &volumes, const Tensor &rotations, const Voxels<S> &list, int64_t side, int64_t first,
                  int64_t count, Tensor &out) {
  const int64_t size = volumes.size(1) * volumes.size(2) * volumes.size(3), box = out.size(2), all = volumes.size(0);
  const S *r = rotations.const_data_ptr<S>();
  S *o = out.mutable_data_ptr<S>();
  const Aligned<S> values(list.n * L);
  interleave<S, L>(volumes.const_data_ptr<S>() + first * size, count, size, list, values.data);
  at::parallel_for(0, rotations.size(0), 1, [&](int64_t from, int64_t to) {
    const Aligned<S> cells(L * side * side);
    for (int64_t p = from; p < to; p++)
      splatAll<S, L>(values.data, count, list, r + 9 * p, side, cells.data, o + (p * all + first) * box * box, box);
  });
}

Tensor projectAllCPU(const Tensor &volumes, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t box) {
  const auto vol = volumes.contiguous(), rot = rotations.contiguous();
  const int64_t count = vol.size(0), size = vol.size(1) * vol.size(2) * vol.size(3);
  auto out = at::empty({rot.size(0), count, box, box}, vol.options());
  const double longest = stretch(rot.unsqueeze(0));
  AT_DISPATCH_FLOATING_TYPES(vol.scalar_type(), "dsd::project_all", [&] {
    const auto kept = keptVoxels<scalar_t>(index, voxels);
    const int64_t side = paddedSide(longest * kept->checkedReach(size), box);
    for (int64_t first = 0; first < count; first += 16) {
      const int64_t group = std::min<int64_t>(16, count - first);
      if (group > 8)
        projectGroup<scalar_t, 16>(vol, rot, *kept, side, first, group, out);
      else
        projectGroup<scalar_t, 8>(vol, rot, *kept, side, first, group, out);
    }
  });
  return out;
}

Tensor projectAll(const Tensor &volumes, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t box) {
  TORCH_CHECK(volumes.dim() == 4 && volumes.size(1) == volumes.size(2) && volumes.size(2) == volumes.size(3),
              "volumes want [volumes, T, T, T], found ", volumes.sizes());
  TORCH_CHECK(rotations.dim() == 3, "rotations want [poses, 3, 3], found ", rotations.sizes());
  checkProjection(rotations.unsqueeze(0), index, voxels, volumes);
  TORCH_CHECK(!at::GradMode::is_enabled() || !(volumes.requires_grad() || rotations.requires_grad()),
              "images of all volumes at all poses have no gradients");
  if (volumes.is_cpu()) return projectAllCPU(volumes, rotations, index, voxels, box);
  const auto every = rotations.unsqueeze(0).expand({volumes.size(0), -1, -1, -1});
  return project_cuda(volumes, every, index, voxels, box).transpose(0, 1).contiguous();
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("project_all(Tensor volumes, Tensor rotations, Tensor index, Tensor voxels, int box) -> Tensor");
}
TORCH_LIBRARY_IMPL(dsd, CompositeExplicitAutograd, m) { m.impl("project_all", dsd::projectAll); }
