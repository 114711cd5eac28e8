// Where voxels of a list meet the padded image, a block of runs at a time.
#pragma once
#include <cstring>

#include "cube_tiles.h"
#include "voxel_list.h"

namespace dsd {
/// Voxels placed at a time.
constexpr int64_t block = 256;

/// A block of voxels; places are written by eights, so that the last of a run may go over its end.
template <typename S> struct Place {
  int32_t at[block + 8];
  S fu[block + 8], fv[block + 8];
};

/// Cells and fractions of the runs from `run` on that fit into a block, for a pose; their number is added to `run`.
/// Returns the number of voxels. Places up to the next multiple of four are valid and their values without meaning.
template <typename S>
inline int64_t placeRuns(const Voxels<S> &v, size_t &run, const S *r, int64_t side, Place<S> &p) {
  using Vector = typename Lanes<S, 8>::Vector;
  using Integers = Lanes<int32_t, 8>::Vector;
  const S centre = S(side / 2);
  int64_t n = 0;
  for (; run < v.runs.size() && n + v.runs[run].count <= block; run++) {
    const Run<S> &a = v.runs[run];
    const S u0 = r[0] * a.x + r[1] * a.y + r[2] * a.z + centre, du = r[0] * a.step;
    const S w0 = r[3] * a.x + r[4] * a.y + r[5] * a.z + centre, dw = r[3] * a.step;
    Vector number = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int64_t k = 0; k < a.count; k += 8, number += S(8)) {
      const Vector u = u0 + number * du, w = w0 + number * dw;
      const Integers iu = __builtin_convertvector(u, Integers), iw = __builtin_convertvector(w, Integers);
      const Integers at = iw * (int32_t)side + iu;
      std::memcpy(p.at + n + k, &at, sizeof at);
      Lanes<S, 8>::store(p.fu + n + k, u - __builtin_convertvector(iu, Vector));
      Lanes<S, 8>::store(p.fv + n + k, w - __builtin_convertvector(iw, Vector));
    }
    n += a.count;
  }
  for (int64_t i = n; i < (n + 3) / 4 * 4; i++) p.fu[i] = p.fv[i] = S(0), p.at[i] = p.at[0];
  return n;
}
} // namespace dsd
