// The kernels of thin_layer.h. A vector holds one channel of neighbouring places of a row, so that one weight meets a
// vector of places; channels go by fours.
#include "thin_layer.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <vector>

#include "thin_layouts.h"

namespace dsd {
namespace {
using at::Tensor;

using namespace thin;

template <typename S> V<S> activated(const V<S> &v, S slope) { return v > 0 ? v : v * slope; }

// ------------------------------------------------------------------------------------------------ coarse to fine
/// [dz dy][coarse channel][dx][pz, py, px]: cell m between the coarse places m - 1 and m decides the fine 2m - 1 and 2m.
template <typename S> std::vector<S> cellWeights(const S *w, int64_t channels) {
  std::vector<S> packed(64 * channels);
  for (int64_t d = 0; d < 4; d++)
    for (int64_t c = 0; c < channels; c++)
      for (int64_t dx = 0; dx < 2; dx++)
        for (int64_t n = 0; n < 8; n++) {
          const int64_t kz = 2 + n / 4 - 2 * (d / 2), ky = 2 + n / 2 % 2 - 2 * (d % 2), kx = 2 + n % 2 - 2 * dx;
          packed[((d * channels + c) * 2 + dx) * 8 + n] = w[c * 64 + (kz * 4 + ky) * 4 + kx];
        }
  return packed;
}

template <typename S> struct ToFine {
  const Planes<S> &coarse;
  const S *weights;
  S *out;
  int64_t f;
  RowRanges rows;
  S bias, slope;
  /// Whether results are added to what is there.
  bool adds;

  /// The rows that a row of cells lies between, and the cells that have a part.
  struct Between {
    int64_t row[4];
    int64_t low, high;
  };

  Between between(int64_t q) const {
    const int64_t r = coarse.r;
    Between at{{-1, -1, -1, -1}, r + 1, 0};
    for (int d = 0; d < 4; d++) {
      const int64_t z = q / (r + 1) - 1 + d / 2, y = q % (r + 1) - 1 + d % 2, row = z * r + y;
      if (z < 0 || y < 0 || z >= r || y >= r || rows.first(row) >= rows.last(row)) continue;
      at.row[d] = row;
      at.low = std::min(at.low, rows.first(row)), at.high = std::max(at.high, rows.last(row) + 1);
    }
    return at;
  }

  template <int NV> void cells(const Between &at, int64_t q, int64_t m) const {
    V<S> sum[8][NV] = {};
    for (int d = 0; d < 4; d++) {
      if (at.row[d] < 0) continue;
      const S *w = weights + d * coarse.channels * 16;
      for (int64_t c = 0; c < coarse.channels; c++) {
        const S *left = coarse.row(c, at.row[d]) + m - 1;
#pragma GCC unroll 2
        for (int dx = 0; dx < 2; dx++, w += 8) {
          V<S> value[NV];
#pragma GCC unroll 2
          for (int v = 0; v < NV; v++) keep(value[v] = Wide<S>::load(left + dx + v * lanes<S>));
#pragma GCC unroll 8
          for (int n = 0; n < 8; n++)
#pragma GCC unroll 2
            for (int v = 0; v < NV; v++) sum[n][v] += w[n] * value[v];
        }
      }
    }
#pragma GCC unroll 4
    for (int part = 0; part < 4; part++) {
      const int64_t z = 2 * (q / (coarse.r + 1)) - 1 + part / 2, y = 2 * (q % (coarse.r + 1)) - 1 + part % 2;
      if (z < 0 || y < 0 || z >= f || y >= f) continue;
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) {
        const auto [a, b] = interleaved<S>(
            activated<S>(sum[2 * part][v] + bias, slope), activated<S>(sum[2 * part + 1][v] + bias, slope));
        const int64_t first = 2 * (m + v * lanes<S>) - 1;
        S *to = out + (z * f + y) * f + first;
        if (first >= 0 && first + 2 * lanes<S> <= f) {
          Wide<S>::store(to, adds ? a + Wide<S>::load(to) : a);
          Wide<S>::store(to + lanes<S>, adds ? b + Wide<S>::load(to + lanes<S>) : b);
          continue;
        }
        S both[2 * lanes<S>];
        Wide<S>::store(both, a), Wide<S>::store(both + lanes<S>, b);
        const int64_t skipped = std::max<int64_t>(0, -first), end = std::min<int64_t>(2 * lanes<S>, f - first);
        for (int64_t i = skipped; i < end; i++) to[i] = adds ? to[i] + both[i] : both[i];
      }
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    for (int64_t q = begin; q < end; q++) {
      const auto at = between(q);
      for (int64_t m = down<S>(at.low); m < at.high;)
        if (tileVectors > 12 && at.high - m > lanes<S>) cells<2>(at, q, m), m += 2 * lanes<S>;
        else cells<1>(at, q, m), m += lanes<S>;
    }
  }
};

// ------------------------------------------------------------------------------------------------ fine to coarse
/// [four channels][kz ky][kx][channel].
template <typename S> std::vector<S> patchWeights(const S *w, int64_t channels) {
  std::vector<S> packed(64 * channels);
  for (int64_t c = 0; c < channels; c++)
    for (int64_t k = 0; k < 64; k++) packed[(c / 4 * 64 + k) * 4 + c % 4] = w[c * 64 + k];
  return packed;
}

/// The fine row of coarse row q and kernel row k; -1: outside.
inline int64_t fineRow(int64_t q, int64_t k, int64_t r, int64_t f) {
  const int64_t z = 2 * (q / r) + k / 4 - 1, y = 2 * (q % r) + k % 4 - 1;
  return z < 0 || y < 0 || z >= f || y >= f ? -1 : z * f + y;
}

template <typename S> struct ToCoarse {
  const Halves<S> &fine;
  const S *weights;
  S *out;
  int64_t r, channels;
  RowRanges rows;
  /// [channels], or null
  const S *bias;
  S slope;

  template <int NV> void places(int64_t q, int64_t c, int64_t m) const {
    V<S> sum[NV][4] = {};
    const S *w = weights + c * 64;
    for (int k = 0; k < 16; k++, w += 16) {
      const int64_t row = fineRow(q, k, r, fine.f);
      if (row < 0) continue;
#pragma GCC unroll 4
      for (int kx = 0; kx < 4; kx++) {
        const S *right = fine.odd(row) + kx % 2 * fine.length + kx / 2 + m;
#pragma GCC unroll 2
        for (int v = 0; v < NV; v++) {
          V<S> value = Wide<S>::load(right + v * lanes<S>);
          keep(value);
#pragma GCC unroll 4
          for (int i = 0; i < 4; i++) sum[v][i] += w[4 * kx + i] * value;
        }
      }
    }
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) sum[v][i] = activated<S>(bias ? sum[v][i] + bias[c + i] : sum[v][i], slope);
      const int64_t first = m + v * lanes<S>;
      const int64_t from = std::max<int64_t>(0, rows.first(q) - first), end = std::min<int64_t>(lanes<S>, rows.last(q) - first);
      S *to = out + (q * r + first) * channels + c;
      if (channels == 4 && from == 0 && end == lanes<S>) {
        placesOf<S>(sum[v], to);
        continue;
      }
      S both[4 * lanes<S>];
      placesOf<S>(sum[v], both);
      if (channels == 4) std::memcpy(to + 4 * from, both + 4 * from, 4 * (end - from) * sizeof(S));
      else
        for (int64_t i = from; i < end; i++) std::memcpy(to + i * channels, both + 4 * i, 4 * sizeof(S));
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    for (int64_t q = begin; q < end; q++)
      for (int64_t c = 0; c < channels; c += 4)
        for (int64_t m = down<S>(rows.first(q)); m < rows.last(q);)
          if (rows.last(q) - m > lanes<S>) places<2>(q, c, m), m += 2 * lanes<S>;
          else places<1>(q, c, m), m += lanes<S>;
  }
};

// ------------------------------------------------------------------------------------------------ gradient of weights
template <typename S> struct WeightGradient {
  const Planes<S> &coarse;
  const Halves<S> &fine;
  /// [kz ky][coarse channel][kx][lanes]
  S *sums;
  RowRanges rows;

  /// `width` of the kernel's four places along x from kx on, for one kernel row and one slab of coarse rows.
  template <int width> void slab(int64_t z, int64_t k, int64_t c, int kx) const {
    S *to = sums + ((k * coarse.channels + c) * 4 + kx) * lanes<S>;
    V<S> sum[4][width];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int j = 0; j < width; j++) sum[i][j] = Wide<S>::load(to + (4 * i + j) * lanes<S>);
    const int64_t r = coarse.r, plane = r * r * coarse.length;
    const S *left = coarse.row(c, z * r);
    for (int64_t q = z * r; q < (z + 1) * r; q++, left += coarse.length) {
      const int64_t row = fineRow(q, k, r, fine.f);
      if (row < 0) continue;
      const S *right = fine.odd(row);
      for (int64_t m = down<S>(rows.first(q)); m < rows.last(q); m += lanes<S>) {
        V<S> b[width];
#pragma GCC unroll 4
        for (int j = 0; j < width; j++)
          keep(b[j] = Wide<S>::load(right + (kx + j) % 2 * fine.length + (kx + j) / 2 + m));
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          V<S> a = Wide<S>::load(left + i * plane + m);
          keep(a);
#pragma GCC unroll 4
          for (int j = 0; j < width; j++) sum[i][j] += a * b[j];
        }
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int j = 0; j < width; j++) Wide<S>::store(to + (4 * i + j) * lanes<S>, sum[i][j]);
  }

  void operator()(int64_t begin, int64_t end) const {
    constexpr int width = tileVectors > 12 ? 4 : 2;
    for (int64_t z = 0; z < coarse.r; z++)
      for (int64_t k = begin; k < end; k++)
        for (int64_t c = 0; c < coarse.channels; c += 4)
          for (int kx = 0; kx < 4; kx += width) slab<width>(z, k, c, kx);
  }
};

void check(const Tensor &coarse, const Tensor &fine) {
  const auto a = coarse.sizes(), b = fine.sizes();
  TORCH_INTERNAL_ASSERT(coarse.is_contiguous() && fine.is_contiguous() && a.size() == 5 && b.size() == 5 && b[4] == 1);
  TORCH_INTERNAL_ASSERT(a[0] == b[0] && a[1] == a[2] && a[2] == a[3] && b[1] == b[2] && b[2] == b[3] &&
                        (b[1] == 2 * a[1] || b[1] == 2 * a[1] + 1) && cube_layer_fits(a[4], 1));
}

/// Zero where no row has a part.
Tensor result(at::IntArrayRef shape, const Tensor &like, const CoarseRows &rows) {
  return rows.from.defined() ? at::zeros(shape, like.options()) : at::empty(shape, like.options());
}
} // namespace

Tensor thin_to_fine_cpu(const Tensor &coarse, const Tensor &weight, int64_t f, const Activation &activation,
                        const CoarseRows &rows, const Tensor &base) {
  const int64_t B = coarse.size(0), r = coarse.size(1), C = coarse.size(4), volume = f * f * f;
  const auto shape = {B, f, f, f, int64_t(1)};
  const auto out = base.defined() ? at::empty(shape, coarse.options()) : result(shape, coarse, rows);
  TORCH_INTERNAL_ASSERT(!base.defined() || (base.is_contiguous() && base.numel() == volume));
  check(coarse, out);
  AT_DISPATCH_FLOATING_TYPES(coarse.scalar_type(), "dsd::thin_to_fine", [&] {
    const auto packed = cellWeights(weight.const_data_ptr<scalar_t>(), C);
    const RowRanges ranges(rows, r);
    const scalar_t bias = activation.bias.defined() ? activation.bias.const_data_ptr<scalar_t>()[0] : 0;
    Planes<scalar_t> planes(r, C);
    for (int64_t image = 0; image < B; image++) {
      planes.fill(coarse.const_data_ptr<scalar_t>() + image * r * r * r * C, ranges);
      scalar_t *to = out.mutable_data_ptr<scalar_t>() + image * volume;
      if (base.defined()) std::memcpy(to, base.const_data_ptr<scalar_t>(), volume * sizeof(scalar_t));
      const ToFine<scalar_t> one{planes, packed.data(), to, f, ranges, bias, scalar_t(activation.slope), base.defined()};
      at::parallel_for(0, (r + 1) * (r + 1), r + 1, one);
    }
  });
  return out;
}

Tensor thin_to_coarse_cpu(const Tensor &fine, const Tensor &weight, const Activation &activation, const CoarseRows &rows) {
  const int64_t B = fine.size(0), f = fine.size(1), r = f / 2, C = weight.size(0);
  const auto out = result({B, r, r, r, C}, fine, rows);
  check(out, fine);
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::thin_to_coarse", [&] {
    const auto packed = patchWeights(weight.const_data_ptr<scalar_t>(), C);
    const RowRanges ranges(rows, r);
    Halves<scalar_t> halves(f);
    for (int64_t image = 0; image < B; image++) {
      halves.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f);
      const ToCoarse<scalar_t> one{
          halves, packed.data(), out.mutable_data_ptr<scalar_t>() + image * r * r * r * C, r, C, ranges,
          activation.bias.defined() ? activation.bias.const_data_ptr<scalar_t>() : nullptr, scalar_t(activation.slope)};
      at::parallel_for(0, r * r, r, one);
    }
  });
  return out;
}

Tensor thin_weight_gradient_cpu(const Tensor &coarse, const Tensor &fine, const CoarseRows &rows) {
  const int64_t B = fine.size(0), f = fine.size(1), r = coarse.size(1), C = coarse.size(4);
  check(coarse, fine);
  Tensor sums;
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::thin_weight_gradient", [&] {
    sums = at::zeros({16, C, 4, lanes<scalar_t>}, fine.options());
    const RowRanges ranges(rows, r);
    Planes<scalar_t> planes(r, C);
    Halves<scalar_t> halves(f);
    for (int64_t image = 0; image < B; image++) {
      planes.fill(coarse.const_data_ptr<scalar_t>() + image * r * r * r * C, ranges);
      halves.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f);
      at::parallel_for(0, 16, 1, WeightGradient<scalar_t>{planes, halves, sums.mutable_data_ptr<scalar_t>(), ranges});
    }
  });
  return sums.sum(3).permute({1, 0, 2}).reshape({C, 1, 4, 4, 4});
}
} // namespace dsd
