// How the kernels of thin_layer.h lay cubes out: by channels and by halves of rows, in vectors of places, and the changes
// of order that lead there and back.
#pragma once
#include <ATen/Parallel.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "cube_layers.h"
#include "cube_tiles.h"

namespace dsd::thin {
template <typename S> constexpr int lanes = widest<S>;
template <typename S> using Wide = Lanes<S, lanes<S>>;
template <typename S> using V = typename Wide<S>::Vector;
template <typename S> using Places = std::make_integer_sequence<int, lanes<S>>;

/// Keeps a value that fits a register in it; the compiler else loads it again for every product.
template <typename T> void keep(T &&value) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) <= 64) asm("" : "+v"(value));
#elif defined(__AVX2__)
  if constexpr (sizeof(T) <= 32) asm("" : "+x"(value));
#else
  (void)value;
#endif
}

template <typename S> int64_t down(int64_t place) { return place / lanes<S> * lanes<S>; }
template <typename S> int64_t up(int64_t count) { return down<S>(count + lanes<S> - 1); }

/// Zeros that begin where a vector does.
template <typename S> class Zeros {
  struct Free {
    void operator()(S *p) const { std::free(p); }
  };
  std::unique_ptr<S[], Free> values;

public:
  explicit Zeros(int64_t count) : values(static_cast<S *>(std::aligned_alloc(64, (count * sizeof(S) + 63) / 64 * 64))) {
    TORCH_CHECK(values, "no memory for ", count, " numbers");
    std::memset(values.get(), 0, count * sizeof(S));
  }
  S *data() const { return values.get(); }
};

// ------------------------------------------------------------------------------------------------ changes of order
template <typename S, int from, int... i> V<S> mixed(const V<S> &a, const V<S> &b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, (from + i / 2 + i % 2 * lanes<S>)...);
}
template <typename S, int from, int... i> V<S> second(const V<S> &a, const V<S> &b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, (from + 2 * i)...);
}

/// a0 b0 a1 b1 ..., the first and the second half.
template <typename S> std::pair<V<S>, V<S>> interleaved(const V<S> &a, const V<S> &b) {
  return {mixed<S, 0>(a, b, Places<S>()), mixed<S, lanes<S> / 2>(a, b, Places<S>())};
}

/// The numbers at even and those at odd places of a, b.
template <typename S> std::pair<V<S>, V<S>> separated(const V<S> &a, const V<S> &b) {
  return {second<S, 0>(a, b, Places<S>()), second<S, 1>(a, b, Places<S>())};
}

/// Four channels of a vector of places -> the places with their four channels.
template <typename S> void placesOf(const V<S> (&c)[4], S *to) {
  const auto [a, b] = interleaved<S>(c[0], c[2]);
  const auto [d, e] = interleaved<S>(c[1], c[3]);
  const auto [p0, p1] = interleaved<S>(a, d);
  const auto [p2, p3] = interleaved<S>(b, e);
  for (int i = 0; const auto &p : {p0, p1, p2, p3}) Wide<S>::store(to + lanes<S> * i++, p);
}

/// The reverse; channels are `stride` numbers apart.
template <typename S> void channelsOf(const S *from, S *to, int64_t stride) {
  const auto at = [&](int i) { return Wide<S>::load(from + lanes<S> * i); };
  const auto [a, b] = separated<S>(at(0), at(1));
  const auto [c, d] = separated<S>(at(2), at(3));
  const auto [c0, c2] = separated<S>(a, c);
  const auto [c1, c3] = separated<S>(b, d);
  for (int i = 0; const auto &p : {c0, c1, c2, c3}) Wide<S>::store(to + stride * i++, p);
}

// ------------------------------------------------------------------------------------------------ layouts
/// A coarse image by channels: [channel][row][length]; place x a vector's length behind the start, zeros around the
/// ranges of the rows.
template <typename S> struct Planes {
  int64_t r, channels, length;
  Zeros<S> values;
  Planes(int64_t r, int64_t channels)
      : r(r), channels(channels), length(up<S>(r + 1) + 2 * lanes<S>), values(channels * r * r * length) {}

  /// Place 0 of a row.
  S *row(int64_t channel, int64_t q) const { return values.data() + (channel * r * r + q) * length + lanes<S>; }

  void fill(const S *image, const RowRanges &rows) {
    at::parallel_for(0, r * r, r, [&](int64_t begin, int64_t end) {
      S places[4 * lanes<S>] = {};
      for (int64_t q = begin; q < end; q++)
        for (int64_t c = 0; c < channels; c += 4)
          for (int64_t m = rows.first(q); m < rows.last(q); m += lanes<S>) {
            const S *from = image + (q * r + m) * channels + c;
            const int64_t count = std::min<int64_t>(lanes<S>, rows.last(q) - m);
            if (channels > 4 || count < lanes<S>) {
              std::memset(places, 0, sizeof places);
              if (channels == 4) std::memcpy(places, from, 4 * count * sizeof(S));
              else
                for (int64_t i = 0; i < count; i++) std::memcpy(places + 4 * i, from + i * channels, 4 * sizeof(S));
              from = places;
            }
            channelsOf(from, row(c, q) + m, r * r * length);
          }
    });
  }
};

/// A fine image by odd and even places: [row][odd, even][length]; odd place 2i - 1 at i, even place 2i at i, zeros
/// behind and at odd 0. Kernel place kx of coarse place m is in half kx % 2 at m + kx / 2.
template <typename S> struct Halves {
  int64_t f, length;
  Zeros<S> values;
  explicit Halves(int64_t f) : f(f), length(up<S>(f / 2 + 1) + lanes<S>), values(2 * f * f * length) {}

  S *odd(int64_t row) const { return values.data() + 2 * row * length; }
  S *even(int64_t row) const { return odd(row) + length; }

  void fill(const S *image) {
    at::parallel_for(0, f * f, f, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const S *from = image + row * f;
        S *odd = this->odd(row) + 1, *even = this->even(row);
        int64_t i = 0;
        for (; 2 * (i + lanes<S>) <= f; i += lanes<S>) {
          const auto [a, b] = separated<S>(Wide<S>::load(from + 2 * i), Wide<S>::load(from + 2 * i + lanes<S>));
          Wide<S>::store(even + i, a), Wide<S>::store(odd + i, b);
        }
        for (; 2 * i + 1 < f; i++) even[i] = from[2 * i], odd[i] = from[2 * i + 1];
        if (f % 2) even[i] = from[2 * i];
      }
    });
  }
};
} // namespace dsd::thin
