// Projector, look-up and rotation gradient on the CPU. One volume a task, so no two threads write to one place.
// The volume is streamed in memory order; only one small padded image is touched at random.
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "projector.h"
#include "projector_places.h"

namespace dsd {
namespace {
/// Cells of the padded image and the two fractions for voxels [s, e).
template <typename S>
inline void place(const Voxels<S> &v, int64_t s, int64_t e, const S *r, int64_t side, Place<S> &p) {
  const S centre = S(side / 2);
  for (int64_t i = s; i < e; i++) {
    const S u = r[0] * v.x[i] + r[1] * v.y[i] + r[2] * v.z[i] + centre;
    const S w = r[3] * v.x[i] + r[4] * v.y[i] + r[5] * v.z[i] + centre;
    const int32_t iu = (int32_t)u, iw = (int32_t)w;
    p.at[i - s] = iw * (int32_t)side + iu;
    p.fu[i - s] = u - S(iu);
    p.fv[i - s] = w - S(iw);
  }
}

template <typename S> void copyIn(const S *image, int64_t box, S *padded, int64_t side) {
  const int64_t o = side / 2 - box / 2;
  for (int64_t j = 0; j < box; j++)
    std::memcpy(padded + (j + o) * side + o, image + j * box, sizeof(S) * box);
}

/// Rows become columns.
template <typename V> inline void transpose(V (&a)[4]) {
  const V p = __builtin_shufflevector(a[0], a[1], 0, 4, 1, 5), q = __builtin_shufflevector(a[2], a[3], 0, 4, 1, 5);
  const V s = __builtin_shufflevector(a[0], a[1], 2, 6, 3, 7), t = __builtin_shufflevector(a[2], a[3], 2, 6, 3, 7);
  a[0] = __builtin_shufflevector(p, q, 0, 1, 4, 5), a[1] = __builtin_shufflevector(p, q, 2, 3, 6, 7);
  a[2] = __builtin_shufflevector(s, t, 0, 1, 4, 5), a[3] = __builtin_shufflevector(s, t, 2, 3, 6, 7);
}

/// Four neighbours of a cell are gathered in one small vector, so that a voxel costs one vector addition.
template <typename S>
void splat(const S *volume, const Voxels<S> &v, const S *r, int64_t side, S *cells, S *image, int64_t box) {
  using Four = Lanes<S, 4>;
  std::memset(cells, 0, sizeof(S) * 4 * side * side);
  Place<S> p;
  S value[block + 4];
  for (size_t run = 0; run < v.runs.size();) {
    size_t from = run;
    const int64_t n = placeRuns(v, run, r, side, p);
    for (int64_t i = 0; from < run; from++) {
      const Run<S> &a = v.runs[from];
      const S *density = volume + a.index, *weight = v.weight + a.first;
      for (int64_t k = 0; k < a.count; k++) value[i + k] = density[k] * weight[k];
      i += a.count;
    }
    for (int64_t i = n; i < (n + 3) / 4 * 4; i++) value[i] = S(0);
    for (int64_t i = 0; i < n; i += 4) {
      const auto here = Four::load(value + i), lower = Four::load(p.fv + i);
      const auto right = here * Four::load(p.fu + i), left = here - right;
      typename Four::Vector parts[4] = {left - left * lower, right - right * lower, left * lower, right * lower};
      transpose(parts);
      for (int k = 0; k < 4; k++) {
        S *c = cells + 4 * (int64_t)p.at[i + k];
        Four::store(c, Four::load(c) + parts[k]);
      }
    }
  }
  const int64_t o = side / 2 - box / 2;
  for (int64_t j = 0; j < box; j++) {
    for (int64_t i = 0; i < box; i++) {
      const int64_t y = j + o, x = i + o;
      const S *c = cells + 4 * (y * side + x);
      S sum = c[0];
      if (x > 0) sum += c[-4 + 1];
      if (y > 0) sum += c[-4 * side + 2];
      if (x > 0 && y > 0) sum += c[-4 * side - 4 + 3];
      image[j * box + i] = sum;
    }
  }
}

/// Two numbers from each of two places.
template <typename S> inline typename Lanes<S, 4>::Vector pairs(const S *a, const S *b) {
  if constexpr (sizeof(S) == 4) {
    // Two loads of 8 bytes; they are moved, not reckoned with.
    double first, second;
    std::memcpy(&first, a, 8);
    std::memcpy(&second, b, 8);
    return (typename Lanes<S, 4>::Vector)(Lanes<double, 2>::Vector{first, second});
  } else {
    return typename Lanes<S, 4>::Vector{a[0], a[1], b[0], b[1]};
  }
}

/// Bilinear values at `n` places. Four places at a time: their two pairs of neighbours are two loads each.
template <typename S>
inline void interpolate(const S *padded, const Place<S> &p, int64_t n, int64_t side, S *value) {
  using Four = Lanes<S, 4>;
  for (int64_t i = 0; i < n; i += 4) {
    const S *a = padded + p.at[i], *b = padded + p.at[i + 1], *c = padded + p.at[i + 2], *d = padded + p.at[i + 3];
    const auto fu = Four::load(p.fu + i), fv = Four::load(p.fv + i);
    const auto row = [&](int64_t o) {
      const auto ab = pairs<S>(a + o, b + o), cd = pairs<S>(c + o, d + o);
      const auto left = __builtin_shufflevector(ab, cd, 0, 2, 4, 6), right = __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
      return left + fu * (right - left);
    };
    const auto top = row(0), below = row(side);
    Four::store(value + i, top + fv * (below - top));
  }
}

template <typename S>
void gather(const S *padded, const Voxels<S> &v, const S *r, int64_t side, S *volume, bool add) {
  Place<S> p;
  S value[block + 4];
  for (size_t run = 0; run < v.runs.size();) {
    size_t from = run;
    const int64_t n = placeRuns(v, run, r, side, p);
    interpolate(padded, p, n, side, value);
    for (int64_t i = 0; from < run; from++) {
      const Run<S> &a = v.runs[from];
      const S *weight = v.weight + a.first;
      S *density = volume + a.index;
      if (add)
        for (int64_t k = 0; k < a.count; k++) density[k] += value[i + k] * weight[k];
      else
        for (int64_t k = 0; k < a.count; k++) density[k] = value[i + k] * weight[k];
      i += a.count;
    }
  }
}

/// Slopes of the bilinear look-up times the voxel's value, summed against its coordinates.
template <typename S>
void slopes(const S *padded, const S *volume, const Voxels<S> &v, const S *r, int64_t side, S *gradient) {
  Place<S> p;
  double sum[6] = {0};
  for (int64_t s = 0; s < v.n; s += block) {
    const int64_t e = std::min(s + block, v.n);
    place(v, s, e, r, side, p);
    for (int64_t i = s; i < e; i++) {
      const S *q = padded + p.at[i - s];
      const S fu = p.fu[i - s], fv = p.fv[i - s], value = volume[v.index[i]] * v.weight[i];
      const S du = value * ((q[1] - q[0]) * (1 - fv) + (q[side + 1] - q[side]) * fv);
      const S dv = value * ((q[side] - q[0]) * (1 - fu) + (q[side + 1] - q[1]) * fu);
      sum[0] += du * v.x[i], sum[1] += du * v.y[i], sum[2] += du * v.z[i];
      sum[3] += dv * v.x[i], sum[4] += dv * v.y[i], sum[5] += dv * v.z[i];
    }
  }
  for (int k = 0; k < 9; k++) gradient[k] = k < 6 ? S(sum[k]) : S(0);
}
} // namespace

at::Tensor project_cpu(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                       const at::Tensor &voxels, int64_t box) {
  const auto vol = volumes.contiguous(), rot = rotations.contiguous();
  const int64_t batch = vol.size(0), poses = rot.size(1), size = vol.size(1) * vol.size(2) * vol.size(3);
  auto out = at::empty({batch, poses, box, box}, vol.options());
  const double longest = stretch(rot);
  AT_DISPATCH_FLOATING_TYPES(vol.scalar_type(), "dsd::project", [&] {
    const auto kept = keptVoxels<scalar_t>(index, voxels);
    const Voxels<scalar_t> &list = *kept;
    const int64_t side = paddedSide(longest * list.checkedReach(size), box);
    const scalar_t *v = vol.const_data_ptr<scalar_t>(), *r = rot.const_data_ptr<scalar_t>();
    scalar_t *o = out.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, batch * poses, 1, [&](int64_t from, int64_t to) {
      std::vector<scalar_t> cells(4 * side * side);
      for (int64_t k = from; k < to; k++)
        splat(v + k / poses * size, list, r + 9 * k, side, cells.data(), o + k * box * box, box);
    });
  });
  return out;
}

at::Tensor lookup_cpu(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                      const at::Tensor &voxels, int64_t T) {
  const auto img = images.contiguous(), rot = rotations.contiguous();
  const int64_t batch = img.size(0), poses = img.size(1), box = img.size(2);
  auto out = at::zeros({batch, T, T, T}, img.options());
  const double longest = stretch(rot);
  AT_DISPATCH_FLOATING_TYPES(img.scalar_type(), "dsd::lookup", [&] {
    const auto kept = keptVoxels<scalar_t>(index, voxels);
    const Voxels<scalar_t> &list = *kept;
    const int64_t side = paddedSide(longest * list.checkedReach(T * T * T), box);
    const scalar_t *p = img.const_data_ptr<scalar_t>(), *r = rot.const_data_ptr<scalar_t>();
    scalar_t *o = out.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, batch, 1, [&](int64_t from, int64_t to) {
      std::vector<scalar_t> padded(side * side, 0);
      for (int64_t b = from; b < to; b++)
        for (int64_t k = 0; k < poses; k++) {
          copyIn(p + (b * poses + k) * box * box, box, padded.data(), side);
          gather(padded.data(), list, r + 9 * (b * poses + k), side, o + b * T * T * T, k > 0);
        }
    });
  });
  return out;
}

at::Tensor rotation_gradient_cpu(const at::Tensor &images, const at::Tensor &volumes, const at::Tensor &rotations,
                                 const at::Tensor &index, const at::Tensor &voxels) {
  const auto img = images.contiguous(), vol = volumes.contiguous(), rot = rotations.contiguous();
  const int64_t batch = img.size(0), poses = img.size(1), box = img.size(2);
  const int64_t size = vol.size(1) * vol.size(2) * vol.size(3);
  auto out = at::empty_like(rot);
  const double longest = stretch(rot);
  AT_DISPATCH_FLOATING_TYPES(img.scalar_type(), "dsd::project", [&] {
    const auto kept = keptVoxels<scalar_t>(index, voxels);
    const Voxels<scalar_t> &list = *kept;
    const int64_t side = paddedSide(longest * list.checkedReach(size), box);
    const scalar_t *p = img.const_data_ptr<scalar_t>(), *v = vol.const_data_ptr<scalar_t>();
    const scalar_t *r = rot.const_data_ptr<scalar_t>();
    scalar_t *o = out.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, batch * poses, 1, [&](int64_t from, int64_t to) {
      std::vector<scalar_t> padded(side * side, 0);
      for (int64_t k = from; k < to; k++) {
        copyIn(p + k * box * box, box, padded.data(), side);
        slopes(padded.data(), v + k / poses * size, list, r + 9 * k, side, o + 9 * k);
      }
    });
  });
  return out;
}
} // namespace dsd
