// Voxel lists as the projector on the CPU wants them. A list serves thousands of steps, so what is made of it is kept.
#pragma once
#include <ATen/core/Tensor.h>

#include <cmath>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace dsd {
/// Neighbours along x: `count` voxels from the list's place `first` and the volume's place `index` on, the first of them
/// at (x, y, z), each `step` further.
template <typename S> struct Run {
  int64_t first, index, count;
  S x, y, z, step;
};

template <typename S> struct Voxels {
  const int32_t *index;
  const S *x, *y, *z, *weight;
  int64_t n;
  /// The same list as runs: a tenth of the memory to go through for every image.
  std::vector<Run<S>> runs;
  double reach = 0;
  bool finite = true;
  int32_t lowest = 0, highest = 0;

  Voxels(const at::Tensor &list, const at::Tensor &voxels) : index(list.const_data_ptr<int32_t>()), n(list.numel()) {
    const S *p = voxels.const_data_ptr<S>();
    x = p, y = p + n, z = p + 2 * n, weight = p + 3 * n;
    S square = 0;
    for (int64_t i = 0; i < n; i++) {
      const S r = x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
      square = std::max(square, r);
      finite &= r < S(1e12);
      lowest = std::min(lowest, index[i]), highest = std::max(highest, index[i]);
      if (!runs.empty() && continues(runs.back(), i)) {
        if (runs.back().count == 1) runs.back().step = x[i] - runs.back().x;
        runs.back().count++;
      } else {
        runs.push_back({i, index[i], 1, x[i], y[i], z[i], S(0)});
      }
    }
    reach = std::sqrt((double)square);
  }

  /// Distance of the farthest voxel from the centre. Every place and every index, into grids of `size` voxels, has been
  /// looked at, so that no kernel reads or writes outside its memory.
  double checkedReach(int64_t size) const {
    TORCH_CHECK(finite && lowest >= 0 && highest < size, "the voxel list wants indices below ", size,
                " and finite coordinates");
    return reach;
  }

private:

  bool continues(const Run<S> &run, int64_t i) const {
    constexpr int64_t longest = 64;
    if (run.count == longest || index[i] != run.index + run.count || y[i] != run.y || z[i] != run.z) return false;
    // Rounding of the coordinates themselves is all that may set a place off the run's line.
    const S off = x[i] - (run.x + S(run.count) * run.step);
    return run.count == 1 || std::abs(off) <= 4 * std::numeric_limits<S>::epsilon() * (std::abs(run.x) + std::abs(x[i]));
  }
};

/// What was made of a list, from a small store of the last ones used. The store keeps the list's tensors, so that
/// their memory cannot come to hold another; a list that was changed in place is made anew.
template <typename S> std::shared_ptr<const Voxels<S>> keptVoxels(const at::Tensor &index, const at::Tensor &voxels) {
  struct Kept {
    at::Tensor index, voxels;
    uint32_t versions[2];
    std::shared_ptr<const Voxels<S>> made;
  };
  static std::mutex mutex;
  static std::list<Kept> store;
  constexpr size_t most = 8;
  const auto version = [](const at::Tensor &t) { return t.is_inference() ? 0u : (uint32_t)t._version(); };
  const std::lock_guard<std::mutex> lock(mutex);
  for (auto kept = store.begin(); kept != store.end(); ++kept) {
    if (kept->index.const_data_ptr() != index.const_data_ptr() || kept->voxels.const_data_ptr() != voxels.const_data_ptr() ||
        kept->index.numel() != index.numel() || kept->voxels.numel() != voxels.numel())
      continue;
    if (kept->versions[0] == version(index) && kept->versions[1] == version(voxels)) {
      store.splice(store.begin(), store, kept);
      return kept->made;
    }
    store.erase(kept);
    break;
  }
  store.push_front({index, voxels, {version(index), version(voxels)}, std::make_shared<const Voxels<S>>(index, voxels)});
  if (store.size() > most) store.pop_back();
  return store.front().made;
}
} // namespace dsd
