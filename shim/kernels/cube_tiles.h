// The innermost products of the cube layers: a tile of the result is held in registers while the products of a few
// rows of two small matrices are added to it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

// Where vectors are wider than the processor's, GCC warns of how they are passed, which is between functions of one file.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace dsd {
/// Numbers of one of the widest vectors that kernels work with, and vectors that a tile may hold: half of the
/// processor's registers and a few are left for the factors.
#ifdef __AVX512F__
template <typename S> constexpr int widest = sizeof(S) == 4 ? 16 : 8;
constexpr int tileVectors = 24;
#else
template <typename S> constexpr int widest = 8;
constexpr int tileVectors = 12;
#endif

/// L numbers of type S that the processor works on at once.
template <typename S, int L> struct Lanes {
  typedef S Vector __attribute__((vector_size(L * sizeof(S))));
  static Vector load(const S *p) {
    Vector v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(S *p, const Vector &v) { std::memcpy(p, &v, sizeof v); }
};

/// Up to 16 pairs of matrices: left[t] has a row for each of the tile's places, `stride` numbers apart; right[t] has
/// `depth` rows of the tile's width.
template <typename S> struct Products {
  const S *left[16], *right[16];
  int count = 0;
  int64_t depth, stride;
  void add(const S *a, const S *b) { left[count] = a, right[count] = b, count++; }
};

/// M places of NV vectors of L numbers; `store(place, vector, value)` takes the sums.
template <typename S, int L, int NV, int M, typename Store>
inline void tile(const Products<S> &p, int64_t first, const Store &store) {
  using V = typename Lanes<S, L>::Vector;
  V sum[M][NV] = {};
  for (int t = 0; t < p.count; t++) {
    const S *a = p.left[t] + first * p.stride, *b = p.right[t];
    for (int64_t k = 0; k < p.depth; k++, a++, b += L * NV) {
      V right[NV];
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) right[v] = Lanes<S, L>::load(b + L * v);
#pragma GCC unroll 24
      for (int m = 0; m < M; m++) {
        const S left = a[m * p.stride];
#pragma GCC unroll 2
        for (int v = 0; v < NV; v++) sum[m][v] += left * right[v];
      }
    }
  }
#pragma GCC unroll 24
  for (int m = 0; m < M; m++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) store(first + m, v, sum[m][v]);
}

template <typename S, int L, int NV, int M, typename Store>
inline void tileOf(int64_t places, const Products<S> &p, int64_t first, const Store &store) {
  if constexpr (M > 1)
    if (places < M) return tileOf<S, L, NV, M - 1>(places, p, first, store);
  tile<S, L, NV, M>(p, first, store);
}

/// Places [from, to) in tiles of nearly equal height.
template <typename S, int L, int NV, typename Store>
inline void tiles(const Products<S> &p, int64_t from, int64_t to, const Store &store) {
  constexpr int most = NV == 2 ? tileVectors / 2 : 12;
  const int64_t count = (to - from + most - 1) / most;
  for (int64_t i = 0; i < count; i++) {
    const int64_t a = from + (to - from) * i / count, b = from + (to - from) * (i + 1) / count;
    tileOf<S, L, NV, most>(b - a, p, a, store);
  }
}

/// out[M rows of NV vectors of L] += sum over n places of left[M numbers] times right[NV * L numbers].
template <typename S, int L, int M, int NV>
inline void addOuterProducts(const S *left, int64_t leftStride, const S *right, int64_t rightStride, int64_t n,
                             typename Lanes<S, L>::Vector (&sum)[M][NV]) {
  using V = typename Lanes<S, L>::Vector;
  for (int64_t i = 0; i < n; i++, left += leftStride, right += rightStride) {
    V values[NV];
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) values[v] = Lanes<S, L>::load(right + L * v);
#pragma GCC unroll 8
    for (int m = 0; m < M; m++)
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) sum[m][v] += left[m] * values[v];
  }
}
} // namespace dsd
