// The kernels of cube_layers.h. Two neighbouring coarse places along each axis decide two neighbouring fine ones, so
// the transposed convolution is one small matrix product for each cell between coarse places: 8 places of a channels
// in, 8 places of b channels out, nothing wasted. The convolution is the product of a patch of 4^3 fine places with
// the weights. Nothing is laid out anew but one image, for its rows to have zeros at their ends.
#include "cube_layers.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <type_traits>
#include <vector>

#include "cube_tiles.h"
#include "thin_layer.h"

namespace dsd {
namespace {
using at::Tensor;
constexpr int64_t placesAtOnce = 64;

/// One image with `before` zeros in front of each row of `side` places and zeros behind it, up to `length` places.
/// Outside the ranges of rows places are zero.
template <typename S> struct Padded {
  std::vector<S> values;
  int64_t length;
  Padded(int64_t rows, int64_t length, int64_t channels) : values(rows * length * channels, 0), length(length) {}
  void fill(const S *image, int64_t rows, int64_t side, int64_t channels, const RowRanges *ranges) {
    at::parallel_for(0, rows, 256, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const int64_t a = ranges ? ranges->first(row) : 0, b = ranges ? ranges->last(row) : side;
        if (a >= b) continue;
        std::memcpy(&values[(row * length + 1 + a) * channels], image + (row * side + a) * channels,
                    sizeof(S) * (b - a) * channels);
      }
    });
  }
};

/// Bias and activation of a result.
template <typename S> struct Finish {
  const S *bias;
  S slope;
  template <typename V> V activated(const V &v) const { return v > 0 ? v : v * slope; }
};

// ---------------------------------------------------------------------------------------------- coarse to fine
/// [panel][dz dy][dx, coarse channel][width of a panel]; columns are (pz, py, px, fine channel). Weights are read as they
/// lie, and what is written at a time fits the nearest cache.
template <typename S> std::vector<S> cellWeights(const S *w, int64_t ca, int64_t cb, int64_t width) {
  std::vector<S> packed(64 * ca * cb);
  for (int64_t a = 0; a < ca; a++)
    for (int64_t b = 0; b < cb; b++, w += 64)
      for (int64_t p = 0; p < 8; p++) {
        const int64_t n = p * cb + b;
        S *to = packed.data() + (n / width * 8 * ca + a) * width + n % width;
        for (int64_t d = 0; d < 8; d++) {
          const int64_t kz = 2 + p / 4 - 2 * (d / 4), ky = 2 + p / 2 % 2 - 2 * (d / 2 % 2), kx = 2 + p % 2 - 2 * (d % 2);
          to[d * ca * width] = w[(kz * 4 + ky) * 4 + kx];
        }
      }
  return packed;
}

template <typename S> struct ToFine {
  const S *padded, *weights;
  S *out;
  int64_t r, f, ca, cb;
  RowRanges rows;
  Finish<S> finish;

  /// The cells of row q that have a part; cell m lies between the coarse places m - 1 and m.
  std::pair<int64_t, int64_t> range(int64_t q) const {
    if (!rows.from) return {0, r + 1};
    int64_t low = r + 1, high = 0;
    for (int d = 0; d < 4; d++) {
      const int64_t z = q / (r + 1) - 1 + d / 2, y = q % (r + 1) - 1 + d % 2;
      if (z < 0 || y < 0 || z >= r || y >= r || rows.first(z * r + y) >= rows.last(z * r + y)) continue;
      low = std::min(low, rows.first(z * r + y)), high = std::max(high, rows.last(z * r + y) + 1);
    }
    return {low, std::max(low, high)};
  }

  int64_t fineRow(int64_t q, int64_t part) const {
    const int64_t z = 2 * (q / (r + 1)) - 1 + part / 2, y = 2 * (q % (r + 1)) - 1 + part % 2;
    return z < 0 || y < 0 || z >= f || y >= f ? -1 : z * f + y;
  }

  template <int L, int NV> void operator()(int64_t begin, int64_t end) const {
    using V = typename Lanes<S, L>::Vector;
    constexpr int64_t width = L * NV;
    constexpr int targets = width / 8;
    const int64_t cells = r + 1, atOnce = std::max<int64_t>(1, placesAtOnce / cells);
    for (int64_t q0 = begin; q0 < end; q0 += atOnce)
      for (int64_t panel = 0; panel < 8 * cb / width; panel++)
        for (int64_t q = q0; q < std::min(end, q0 + atOnce); q++) {
          const auto [low, high] = range(q);
          Target to[targets];
          bool wanted = false;
          for (int v = 0; v < targets; v++) wanted |= (to[v] = target(q, panel * width + 8 * v)).row != nullptr;
          if (!wanted || low >= high) continue;
          Products<S> products{.depth = 2 * ca, .stride = ca};
          for (int d = 0; d < 4; d++) {
            const int64_t z = q / cells - 1 + d / 2, y = q % cells - 1 + d % 2;
            if (z < 0 || y < 0 || z >= r || y >= r || rows.first(z * r + y) >= rows.last(z * r + y)) continue;
            products.add(padded + (z * r + y) * (r + 2) * ca, weights + (panel * 4 + d) * 2 * ca * width);
          }
          tiles<S, L, NV>(products, low, high, [&](int64_t m, int v, const V &sum) {
            Eight parts[L / 8];
            std::memcpy(parts, &sum, sizeof sum);
            for (int i = 0; i < L / 8; i++) write(to[v * (L / 8) + i], m, parts[i]);
          });
        }
  }

  using Eight = typename Lanes<S, 8>::Vector;

  /// Where eight columns of a row of cells go.
  struct Target {
    S *row;
    int64_t offset;
    Eight bias;
  };

  Target target(int64_t q, int64_t column) const {
    const int64_t row = fineRow(q, column / (2 * cb));
    Target to{row < 0 ? nullptr : out + row * f * cb, column % (2 * cb), {}};
    if (finish.bias)
      for (int i = 0; i < 8; i++) to.bias[i] = finish.bias[(column + i) % cb];
    return to;
  }

  /// Cell m decides the fine places 2m - 1 and 2m; at the faces one of them lies outside.
  void write(const Target &to, int64_t m, const Eight &sum) const {
    if (!to.row) return;
    const Eight value = finish.activated(sum + to.bias);
    S *p = to.row + (2 * m - 1) * cb + to.offset;
    if (m > 0 && 2 * m < f) return Lanes<S, 8>::store(p, value);
    for (int i = 0; i < 8; i++) {
      const int64_t x = 2 * m - 1 + (to.offset + i) / cb;
      if (x >= 0 && x < f) p[i] = value[i];
    }
  }
};

// ---------------------------------------------------------------------------------------------- fine to coarse
/// [panel][kz ky][kx, fine channel][width of a panel]; columns are coarse channels.
template <typename S> std::vector<S> patchWeights(const S *w, int64_t ca, int64_t cb, int64_t width) {
  std::vector<S> packed(64 * ca * cb);
  for (int64_t first = 0; first < ca; first += width)
    for (int64_t b = 0; b < cb; b++)
      for (int64_t a = 0; a < width; a++) {
        const S *from = w + ((first + a) * cb + b) * 64;
        S *to = packed.data() + first * 64 * cb + b * width + a;
        for (int64_t k = 0; k < 64; k++) to[k * cb * width] = from[k];
      }
  return packed;
}

template <typename S> struct ToCoarse {
  const S *padded, *weights;
  S *out;
  int64_t r, f, ca, cb;
  RowRanges rows;
  Finish<S> finish;

  template <int L, int NV> void operator()(int64_t begin, int64_t end) const {
    using V = typename Lanes<S, L>::Vector;
    constexpr int64_t width = L * NV;
    const int64_t atOnce = std::max<int64_t>(1, placesAtOnce / r), length = 2 * r + 2;
    for (int64_t q0 = begin; q0 < end; q0 += atOnce)
      for (int64_t panel = 0; panel < ca / width; panel++)
        for (int64_t q = q0; q < std::min(end, q0 + atOnce); q++) {
          if (rows.first(q) >= rows.last(q)) continue;
          Products<S> products{.depth = 4 * cb, .stride = 2 * cb};
          for (int k = 0; k < 16; k++) {
            const int64_t z = 2 * (q / r) + k / 4 - 1, y = 2 * (q % r) + k % 4 - 1;
            if (z < 0 || y < 0 || z >= f || y >= f) continue;
            products.add(padded + (z * f + y) * length * cb, weights + (panel * 16 + k) * 4 * cb * width);
          }
          S *to = out + q * r * ca + panel * width;
          V bias[NV] = {};
          if (finish.bias)
            for (int v = 0; v < NV; v++) bias[v] = Lanes<S, L>::load(finish.bias + panel * width + L * v);
          tiles<S, L, NV>(products, rows.first(q), rows.last(q), [&](int64_t m, int v, const V &sum) {
            Lanes<S, L>::store(to + m * ca + L * v, finish.activated(sum + bias[v]));
          });
        }
  }
};

// -------------------------------------------------------------------------------------------- gradient of weights
/// Sums [kz ky][coarse channel][kx, fine channel] for some of the 16 (kz, ky).
template <typename S> struct WeightGradient {
  const S *coarse, *padded;
  S *sums;
  int64_t r, f, ca, cb;
  RowRanges rows;

  /// A run of places in one row: their coarse numbers, and the fine numbers that go with them.
  struct Run {
    const S *left, *right;
    int64_t n;
  };

  template <int L, int M, int NV>
  void add(const std::vector<Run> &runs, int64_t c, int64_t j, S *to) const {
    using V = Lanes<S, L>;
    const int64_t width = 4 * cb;
    typename V::Vector sum[M][NV];
    for (int m = 0; m < M; m++)
      for (int v = 0; v < NV; v++) sum[m][v] = V::load(to + m * width + L * v);
    for (const Run &run : runs) addOuterProducts<S, L, M, NV>(run.left + c, ca, run.right + j, 2 * cb, run.n, sum);
    for (int m = 0; m < M; m++)
      for (int v = 0; v < NV; v++) V::store(to + m * width + L * v, sum[m][v]);
  }

  /// All coarse channels times the 4 cb numbers of a place's row: `to` [coarse channel][4 cb].
  void addAll(const std::vector<Run> &runs, S *to) const {
    constexpr int L = widest<S>;
    const int64_t width = 4 * cb;
    const auto all = [&]<int M, int NV>(std::integral_constant<int, M>, std::integral_constant<int, NV>) {
      for (int64_t c = 0; c < ca; c += M)
        for (int64_t j = 0; j < width; j += L * NV) add<L, M, NV>(runs, c, j, to + c * width + j);
    };
    const auto rows = [&]<int NV>(std::integral_constant<int, NV> vectors) {
      if (tileVectors > 12 && ca % 8 == 0) all(std::integral_constant<int, 8>(), vectors);
      else all(std::integral_constant<int, 4>(), vectors);
    };
    if (width % (2 * L) == 0) rows(std::integral_constant<int, 2>());
    else rows(std::integral_constant<int, 1>());
  }

  int64_t rowsAtOnce() const { return std::max<int64_t>(1, placesAtOnce / r); }

  void operator()(int64_t begin, int64_t end) const {
    const int64_t length = 2 * r + 2, width = 4 * cb, atOnce = rowsAtOnce();
    std::vector<Run> runs;
    for (int64_t q0 = 0; q0 < r * r; q0 += atOnce)
      for (int64_t k = begin; k < end; k++) {
        runs.clear();
        for (int64_t q = q0; q < std::min(r * r, q0 + atOnce); q++) {
          const int64_t z = 2 * (q / r) + k / 4 - 1, y = 2 * (q % r) + k % 4 - 1;
          const int64_t a = rows.first(q), n = rows.last(q) - a;
          if (n <= 0 || z < 0 || y < 0 || z >= f || y >= f) continue;
          runs.push_back({coarse + (q * r + a) * ca, padded + ((z * f + y) * length + 2 * a) * cb, n});
        }
        addAll(runs, sums + k * ca * width);
      }
  }
};

template <typename S> const S *pointer(const Tensor &t) { return t.defined() ? t.const_data_ptr<S>() : nullptr; }

void check(const Tensor &coarse, const Tensor &fine, const Tensor &weight) {
  const auto a = coarse.sizes(), b = fine.sizes();
  TORCH_INTERNAL_ASSERT(coarse.is_contiguous() && fine.is_contiguous() && (!weight.defined() || weight.is_contiguous()));
  TORCH_INTERNAL_ASSERT(a[1] == a[2] && a[2] == a[3] && b[1] == b[2] && b[2] == b[3] && a[0] == b[0] &&
                        (b[1] == 2 * a[1] || b[1] == 2 * a[1] + 1) && cube_layer_fits(a[4], b[4]));
}
} // namespace

CoarseRows checked_rows(const Tensor &from, const Tensor &to, int64_t r) {
  TORCH_CHECK(from.numel() == r * r && to.numel() == r * r && from.scalar_type() == at::kInt && to.scalar_type() == at::kInt,
              "row ranges want int32 [", r * r, "]");
  TORCH_CHECK(from.is_contiguous() && to.is_contiguous(), "row ranges want contiguous values");
  if (!from.is_cpu()) return {from, to};
  const int32_t *a = from.const_data_ptr<int32_t>(), *b = to.const_data_ptr<int32_t>();
  for (int64_t k = 0; k < r * r; k++) TORCH_CHECK(a[k] >= 0 && b[k] <= r, "row ranges want values of 0...", r);
  return {from, to};
}

Tensor to_fine_cpu(const Tensor &coarse, const Tensor &weight, int64_t f, const Activation &activation,
                   const CoarseRows &rows) {
  if (weight.size(1) == 1) return thin_to_fine_cpu(coarse, weight, f, activation, rows);
  const int64_t B = coarse.size(0), r = coarse.size(1), ca = coarse.size(4), cb = weight.size(1);
  const auto shape = {B, f, f, f, cb};
  const auto out = rows.from.defined() ? at::zeros(shape, coarse.options()) : at::empty(shape, coarse.options());
  check(coarse, out, weight);
  AT_DISPATCH_FLOATING_TYPES(coarse.scalar_type(), "dsd::to_fine", [&] {
    constexpr int L = widest<scalar_t>;
    const auto packed = cellWeights(weight.const_data_ptr<scalar_t>(), ca, cb, 2 * L);
    const RowRanges ranges(rows, r);
    Padded<scalar_t> padded(r * r, r + 2, ca);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(coarse.const_data_ptr<scalar_t>() + image * r * r * r * ca, r * r, r, ca, &ranges);
      const ToFine<scalar_t> one{padded.values.data(), packed.data(),
                                 out.mutable_data_ptr<scalar_t>() + image * f * f * f * cb, r, f, ca, cb, ranges,
                                 {pointer<scalar_t>(activation.bias), scalar_t(activation.slope)}};
      at::parallel_for(0, (r + 1) * (r + 1), r + 1, [&](int64_t begin, int64_t end) {
        one.template operator()<L, 2>(begin, end);
      });
    }
  });
  return out;
}

Tensor to_coarse_cpu(const Tensor &fine, const Tensor &weight, const Activation &activation, const CoarseRows &rows) {
  if (fine.size(4) == 1) return thin_to_coarse_cpu(fine, weight, activation, rows);
  const int64_t B = fine.size(0), f = fine.size(1), r = f / 2, cb = fine.size(4), ca = weight.size(0);
  const auto shape = {B, r, r, r, ca};
  const auto out = rows.from.defined() ? at::zeros(shape, fine.options()) : at::empty(shape, fine.options());
  check(out, fine, weight);
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::to_coarse", [&] {
    constexpr int L = widest<scalar_t>;
    const int64_t width = ca % (2 * L) == 0 ? 2 * L : ca % L == 0 ? L : ca % 8 == 0 ? 8 : 4;
    const auto packed = patchWeights(weight.const_data_ptr<scalar_t>(), ca, cb, width);
    const RowRanges ranges(rows, r);
    Padded<scalar_t> padded(f * f, 2 * r + 2, cb);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f * cb, f * f, f, cb, nullptr);
      const ToCoarse<scalar_t> one{padded.values.data(), packed.data(),
                                   out.mutable_data_ptr<scalar_t>() + image * r * r * r * ca, r, f, ca, cb, ranges,
                                   {pointer<scalar_t>(activation.bias), scalar_t(activation.slope)}};
      at::parallel_for(0, r * r, r, [&](int64_t begin, int64_t end) {
        if (width == 2 * L) one.template operator()<L, 2>(begin, end);
        else if (width == L) one.template operator()<L, 1>(begin, end);
        else if (width == 8) one.template operator()<8, 1>(begin, end);
        else one.template operator()<4, 1>(begin, end);
      });
    }
  });
  return out;
}

Tensor cube_weight_gradient_cpu(const Tensor &coarse, const Tensor &fine, const CoarseRows &rows) {
  if (fine.size(4) == 1) return thin_weight_gradient_cpu(coarse, fine, rows);
  const int64_t B = fine.size(0), f = fine.size(1), r = coarse.size(1), cb = fine.size(4), ca = coarse.size(4);
  check(coarse, fine, {});
  auto sums = at::zeros({16, ca, 4 * cb}, fine.options());
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::cube_weight_gradient", [&] {
    const RowRanges ranges(rows, r);
    Padded<scalar_t> padded(f * f, 2 * r + 2, cb);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f * cb, f * f, f, cb, nullptr);
      const WeightGradient<scalar_t> one{coarse.const_data_ptr<scalar_t>() + image * r * r * r * ca,
                                         padded.values.data(), sums.mutable_data_ptr<scalar_t>(), r, f, ca, cb, ranges};
      at::parallel_for(0, 16, 1, one);
    }
  });
  auto gradient = at::empty({ca, cb, 4, 4, 4}, fine.options());
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::cube_weight_gradient", [&] {
    const scalar_t *from = sums.const_data_ptr<scalar_t>();
    scalar_t *to = gradient.mutable_data_ptr<scalar_t>();
    for (int64_t a = 0; a < ca; a++)
      for (int64_t b = 0; b < cb; b++)
        for (int64_t k = 0; k < 64; k++) *to++ = from[((k / 4 * ca + a) * 4 + k % 4) * cb + b];
  });
  return gradient;
}

std::tuple<Tensor, Tensor> activation_gradient_cpu(const Tensor &gradient, const Tensor &output, double slope) {
  TORCH_INTERNAL_ASSERT(gradient.is_contiguous() && output.is_contiguous() && output.size(-1) % 4 == 0 &&
                        gradient.numel() == output.numel());
  const int64_t channels = output.size(-1), places = output.numel() / std::max<int64_t>(1, channels);
  auto masked = at::empty_like(output), sum = at::zeros({channels}, output.options());
  AT_DISPATCH_FLOATING_TYPES(output.scalar_type(), "dsd::activation_gradient", [&] {
    const scalar_t *g = gradient.const_data_ptr<scalar_t>(), *y = output.const_data_ptr<scalar_t>();
    scalar_t *m = masked.mutable_data_ptr<scalar_t>(), *s = sum.mutable_data_ptr<scalar_t>();
    const scalar_t factor = slope;
    // Sums of blocks keep the rounding of long sums small. Channels go by eights where they can, else by fours.
    constexpr int64_t block = 256;
    const auto add = [&]<int L>(std::integral_constant<int, L>, int64_t p0, int64_t p1) {
      using V = typename Lanes<scalar_t, L>::Vector;
      for (int64_t c = 0; c < channels; c += L) {
        V part = {};
        for (int64_t p = p0; p < p1; p++) {
          const V v = Lanes<scalar_t, L>::load(g + p * channels + c), at = Lanes<scalar_t, L>::load(y + p * channels + c);
          const V kept = at > 0 ? v : factor * v;
          Lanes<scalar_t, L>::store(m + p * channels + c, kept);
          part += kept;
        }
        for (int i = 0; i < L; i++) s[c + i] += part[i];
      }
    };
    for (int64_t p = 0; p < places; p += block)
      if (channels % 8 == 0) add(std::integral_constant<int, 8>(), p, std::min(places, p + block));
      else add(std::integral_constant<int, 4>(), p, std::min(places, p + block));
  });
  return {masked, sum};
}
} // namespace dsd
