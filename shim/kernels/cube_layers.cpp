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

namespace dsd {
namespace {
using at::Tensor;
constexpr int64_t placesAtOnce = 64;

struct Rows {
  const int32_t *from = nullptr, *to = nullptr;
  int64_t r;
  Rows(const CoarseRows &rows, int64_t side) : r(side) {
    if (rows.from.defined()) from = rows.from.const_data_ptr<int32_t>(), to = rows.to.const_data_ptr<int32_t>();
  }
  bool all() const { return !from; }
  int64_t first(int64_t row) const { return from ? from[row] : 0; }
  int64_t last(int64_t row) const { return to ? to[row] : r; }
};

/// One image with `before` zeros in front of each row of `side` places and zeros behind it, up to `length` places.
/// Outside the ranges of rows places are zero.
template <typename S> struct Padded {
  std::vector<S> values;
  int64_t length;
  Padded(int64_t rows, int64_t length, int64_t channels) : values(rows * length * channels, 0), length(length) {}
  void fill(const S *image, int64_t rows, int64_t side, int64_t channels, const Rows *ranges) {
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
/// [panel][dz dy][dx, coarse channel][width of a panel]; columns are (pz, py, px, fine channel).
template <typename S> std::vector<S> cellWeights(const S *w, int64_t ca, int64_t cb, int64_t width) {
  const int64_t N = 8 * cb;
  std::vector<S> packed(N * 8 * ca);
  for (int64_t n = 0; n < N; n++) {
    const int64_t pz = n / (4 * cb), py = n / (2 * cb) % 2, px = n / cb % 2, b = n % cb;
    for (int64_t d = 0; d < 8; d++) {
      const int64_t kz = 2 + pz - 2 * (d / 4), ky = 2 + py - 2 * (d / 2 % 2), kx = 2 + px - 2 * (d % 2);
      for (int64_t a = 0; a < ca; a++)
        packed[((n / width * 4 + d / 2) * 2 * ca + d % 2 * ca + a) * width + n % width] =
            w[(a * cb + b) * 64 + (kz * 4 + ky) * 4 + kx];
    }
  }
  return packed;
}

template <typename S> struct ToFine {
  const S *padded, *weights;
  S *out;
  int64_t r, f, ca, cb;
  Rows rows;
  Finish<S> finish;

  /// The cells of row q that have a part; cell m lies between the coarse places m - 1 and m.
  std::pair<int64_t, int64_t> range(int64_t q) const {
    if (rows.all()) return {0, r + 1};
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

  template <int NV> void operator()(int64_t begin, int64_t end) const {
    constexpr int64_t width = 8 * NV;
    const int64_t cells = r + 1, atOnce = std::max<int64_t>(1, placesAtOnce / cells);
    for (int64_t q0 = begin; q0 < end; q0 += atOnce)
      for (int64_t panel = 0; panel < 8 * cb / width; panel++)
        for (int64_t q = q0; q < std::min(end, q0 + atOnce); q++) {
          const auto [low, high] = range(q);
          Target to[NV];
          bool wanted = false;
          for (int v = 0; v < NV; v++) wanted |= (to[v] = target(q, panel * width + 8 * v)).wanted();
          if (!wanted || low >= high) continue;
          Products<S> products{.depth = 2 * ca, .stride = ca};
          for (int d = 0; d < 4; d++) {
            const int64_t z = q / cells - 1 + d / 2, y = q % cells - 1 + d % 2;
            if (z < 0 || y < 0 || z >= r || y >= r || rows.first(z * r + y) >= rows.last(z * r + y)) continue;
            products.add(padded + (z * r + y) * (r + 2) * ca, weights + (panel * 4 + d) * 2 * ca * width);
          }
          if (cb == 1)
            tiles<S, 8, NV>(products, low, high, [&](int64_t m, int v, const V &sum) { writePairs(to[v], m, sum); });
          else
            tiles<S, 8, NV>(products, low, high, [&](int64_t m, int v, const V &sum) { write(to[v], m, sum); });
        }
  }

  using V = typename Lanes<S, 8>::Vector;

  /// Where eight columns of a row of cells go: one row of fine places, or with one channel four.
  struct Target {
    S *row[4];
    int64_t offset;
    V bias;
    bool wanted() const { return row[0] || row[1] || row[2] || row[3]; }
  };

  Target target(int64_t q, int64_t column) const {
    Target to{{nullptr, nullptr, nullptr, nullptr}, column % (2 * cb), {}};
    const auto at = [&](int64_t part) {
      const int64_t row = fineRow(q, part);
      return row < 0 ? nullptr : out + row * f * cb;
    };
    if (cb == 1)
      for (int part = 0; part < 4; part++) to.row[part] = at(part);
    else
      to.row[0] = at(column / (2 * cb));
    if (finish.bias)
      for (int i = 0; i < 8; i++) to.bias[i] = finish.bias[(column + i) % cb];
    return to;
  }

  /// Cell m decides the fine places 2m - 1 and 2m; at the faces one of them lies outside.
  void write(const Target &to, int64_t m, const V &sum) const {
    if (!to.row[0]) return;
    const V value = finish.activated(sum + to.bias);
    S *p = to.row[0] + (2 * m - 1) * cb + to.offset;
    if (m > 0 && 2 * m < f) return Lanes<S, 8>::store(p, value);
    for (int i = 0; i < 8; i++) {
      const int64_t x = 2 * m - 1 + (to.offset + i) / cb;
      if (x >= 0 && x < f) p[i] = value[i];
    }
  }

  void writePairs(const Target &to, int64_t m, const V &sum) const {
    const V value = finish.activated(sum + to.bias);
    for (int part = 0; part < 4; part++) {
      if (!to.row[part]) continue;
      S *p = to.row[part] + 2 * m - 1;
      const S pair[2] = {value[2 * part], value[2 * part + 1]};
      if (m > 0 && 2 * m < f) std::memcpy(p, pair, sizeof pair);
      else if (m > 0) p[0] = pair[0];
      else p[1] = pair[1];
    }
  }
};

// ---------------------------------------------------------------------------------------------- fine to coarse
/// [panel][kz ky][kx, fine channel][width of a panel]; columns are coarse channels.
template <typename S> std::vector<S> patchWeights(const S *w, int64_t ca, int64_t cb, int64_t width) {
  std::vector<S> packed(64 * ca * cb);
  for (int64_t a = 0; a < ca; a++)
    for (int64_t k = 0; k < 64; k++)
      for (int64_t b = 0; b < cb; b++)
        packed[((a / width * 16 + k / 4) * 4 * cb + k % 4 * cb + b) * width + a % width] = w[(a * cb + b) * 64 + k];
  return packed;
}

template <typename S> struct ToCoarse {
  const S *padded, *weights;
  S *out;
  int64_t r, f, ca, cb;
  Rows rows;
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
  Rows rows;

  /// A run of places in one row: their coarse numbers, and the fine numbers that go with them.
  struct Run {
    const S *left, *right;
    int64_t n;
  };

  void add(const std::vector<Run> &runs, int64_t c, int64_t j, int64_t stride, S *to, int64_t width) const {
    using Eight = Lanes<S, 8>;
    typename Eight::Vector sum[4][2];
    for (int m = 0; m < 4; m++)
      for (int v = 0; v < 2; v++) sum[m][v] = Eight::load(to + m * width + 8 * v);
    for (const Run &run : runs) addOuterProducts<S>(run.left + c, ca, run.right + j, stride, run.n, sum);
    for (int m = 0; m < 4; m++)
      for (int v = 0; v < 2; v++) Eight::store(to + m * width + 8 * v, sum[m][v]);
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
        for (int64_t c = 0; c < ca; c += 4)
          for (int64_t j = 0; j < width; j += 16) add(runs, c, j, 2 * cb, sums + (k * ca + c) * width + j, width);
      }
  }

  /// One fine channel: the patches of a row of places are laid out first, sums [coarse channel][64].
  void ofOneChannel() const {
    const int64_t length = 2 * r + 2, atOnce = rowsAtOnce();
    std::vector<S> patches(atOnce * r * 64);
    std::vector<Run> runs;
    for (int64_t q0 = 0; q0 < r * r; q0 += atOnce) {
      runs.clear();
      for (int64_t q = q0; q < std::min(r * r, q0 + atOnce); q++) {
        const int64_t a = rows.first(q), n = rows.last(q) - a;
        if (n <= 0) continue;
        S *patch = patches.data() + (q - q0) * r * 64;
        for (int64_t k = 0; k < 16; k++) {
          const int64_t z = 2 * (q / r) + k / 4 - 1, y = 2 * (q % r) + k % 4 - 1;
          const bool inside = z >= 0 && y >= 0 && z < f && y < f;
          const S *from = padded + (inside ? (z * f + y) * length + 2 * a : 0);
          for (int64_t i = 0; i < n; i++)
            if (inside) std::memcpy(patch + i * 64 + k * 4, from + 2 * i, 4 * sizeof(S));
            else std::memset(patch + i * 64 + k * 4, 0, 4 * sizeof(S));
        }
        runs.push_back({coarse + (q * r + a) * ca, patch, n});
      }
      for (int64_t c = 0; c < ca; c += 4)
        for (int64_t j = 0; j < 64; j += 16) add(runs, c, j, 64, sums + c * 64 + j, 64);
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

Tensor to_fine_cpu(const Tensor &coarse, const Tensor &weight, int64_t f, const Activation &activation,
                   const CoarseRows &rows) {
  const int64_t B = coarse.size(0), r = coarse.size(1), ca = coarse.size(4), cb = weight.size(1);
  const auto shape = {B, f, f, f, cb};
  const auto out = rows.from.defined() ? at::zeros(shape, coarse.options()) : at::empty(shape, coarse.options());
  check(coarse, out, weight);
  AT_DISPATCH_FLOATING_TYPES(coarse.scalar_type(), "dsd::to_fine", [&] {
    const int64_t width = cb == 1 ? 8 : 16;
    const auto packed = cellWeights(weight.const_data_ptr<scalar_t>(), ca, cb, width);
    const Rows ranges(rows, r);
    Padded<scalar_t> padded(r * r, r + 2, ca);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(coarse.const_data_ptr<scalar_t>() + image * r * r * r * ca, r * r, r, ca, &ranges);
      const ToFine<scalar_t> one{padded.values.data(), packed.data(),
                                 out.mutable_data_ptr<scalar_t>() + image * f * f * f * cb, r, f, ca, cb, ranges,
                                 {pointer<scalar_t>(activation.bias), scalar_t(activation.slope)}};
      at::parallel_for(0, (r + 1) * (r + 1), r + 1, [&](int64_t begin, int64_t end) {
        if (width == 8) one.template operator()<1>(begin, end);
        else one.template operator()<2>(begin, end);
      });
    }
  });
  return out;
}

Tensor to_coarse_cpu(const Tensor &fine, const Tensor &weight, const Activation &activation, const CoarseRows &rows) {
  const int64_t B = fine.size(0), f = fine.size(1), r = f / 2, cb = fine.size(4), ca = weight.size(0);
  const auto shape = {B, r, r, r, ca};
  const auto out = rows.from.defined() ? at::zeros(shape, fine.options()) : at::empty(shape, fine.options());
  check(out, fine, weight);
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::to_coarse", [&] {
    const int64_t width = ca % 16 == 0 ? 16 : ca % 8 == 0 ? 8 : 4;
    const auto packed = patchWeights(weight.const_data_ptr<scalar_t>(), ca, cb, width);
    const Rows ranges(rows, r);
    Padded<scalar_t> padded(f * f, 2 * r + 2, cb);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f * cb, f * f, f, cb, nullptr);
      const ToCoarse<scalar_t> one{padded.values.data(), packed.data(),
                                   out.mutable_data_ptr<scalar_t>() + image * r * r * r * ca, r, f, ca, cb, ranges,
                                   {pointer<scalar_t>(activation.bias), scalar_t(activation.slope)}};
      at::parallel_for(0, r * r, r, [&](int64_t begin, int64_t end) {
        if (width == 16) one.template operator()<8, 2>(begin, end);
        else if (width == 8) one.template operator()<8, 1>(begin, end);
        else one.template operator()<4, 1>(begin, end);
      });
    }
  });
  return out;
}

Tensor cube_weight_gradient_cpu(const Tensor &coarse, const Tensor &fine, const CoarseRows &rows) {
  const int64_t B = fine.size(0), f = fine.size(1), r = coarse.size(1), cb = fine.size(4), ca = coarse.size(4);
  check(coarse, fine, {});
  auto sums = at::zeros({16, ca, 4 * cb}, fine.options());
  AT_DISPATCH_FLOATING_TYPES(fine.scalar_type(), "dsd::cube_weight_gradient", [&] {
    const Rows ranges(rows, r);
    Padded<scalar_t> padded(f * f, 2 * r + 2, cb);
    for (int64_t image = 0; image < B; image++) {
      padded.fill(fine.const_data_ptr<scalar_t>() + image * f * f * f * cb, f * f, f, cb, nullptr);
      const WeightGradient<scalar_t> one{coarse.const_data_ptr<scalar_t>() + image * r * r * r * ca,
                                         padded.values.data(), sums.mutable_data_ptr<scalar_t>(), r, f, ca, cb, ranges};
      if (cb == 1) one.ofOneChannel();
      else at::parallel_for(0, 16, 1, one);
    }
  });
  if (cb == 1) return sums.view({ca, 1, 4, 4, 4});
  return sums.view({4, 4, ca, 4, cb}).permute({2, 4, 0, 1, 3}).contiguous();
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
