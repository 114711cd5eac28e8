// The k smallest and the k largest of many numbers that are not negative.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace dsd {
/// The bits of numbers that are not negative order as the numbers do, so that counts of the first bits say where the
/// k smallest and the k largest end, and only as many numbers as are wanted, with those that share the first bits of the
/// last one, are looked at again. Of equal numbers those that come first are taken.
class Selection {
  static constexpr int shift = 19, bins = 1 << (31 - shift);
  std::vector<int32_t> counts;
  std::vector<uint64_t> keys;

  static int32_t bits(float value) {
    int32_t b;
    std::memcpy(&b, &value, sizeof b);
    return b;
  }

public:
  Selection() : counts(2 * bins) {}

  /// Chosen numbers and their places.
  struct Chosen {
    std::vector<float> values;
    std::vector<int32_t> places;
    int64_t count() const { return (int64_t)values.size(); }
  };

  /// Negative values are left out; as many are chosen as there are. The order of what is chosen has no meaning.
  void operator()(const float *values, int64_t m, int64_t near, int64_t far, Chosen &nearest, Chosen &furthest) {
    std::fill(counts.begin(), counts.end(), 0);
    // Neighbouring values often share a count: two tables take turns.
    int32_t *even = counts.data(), *odd = even + bins;
    int64_t j = 0;
    for (; j + 1 < m; j += 2) {
      const int32_t a = bits(values[j]), b = bits(values[j + 1]);
      if (a >= 0) even[a >> shift]++;
      if (b >= 0) odd[b >> shift]++;
    }
    if (j < m && bits(values[j]) >= 0) even[bits(values[j]) >> shift]++;
    int64_t all = 0;
    for (int k = 0; k < bins; k++) even[k] += odd[k], all += even[k];
    near = std::min(near, all), far = std::min(far, all);
    int low = 0, high = bins - 1;
    for (int64_t below = even[low]; low < bins - 1 && below < near; below += even[low]) low++;
    for (int64_t above = even[high]; high > 0 && above < far; above += even[high]) high--;
    collect(values, m, 0, (int32_t)(((uint32_t)(low + 1) << shift) - 1), 0);
    keep(values, near, nearest);
    collect(values, m, high << shift, INT32_MAX, ~(uint64_t)0 << 32);
    keep(values, far, furthest);
  }

private:
  /// Keys of the values whose bits lie in from ... to: bits, changed by `turned`, before the place.
  void collect(const float *values, int64_t m, int32_t from, int32_t to, uint64_t turned) {
    keys.clear();
    int64_t j = 0;
#ifdef __AVX512F__
    const __m512i first = _mm512_set1_epi32(from), last = _mm512_set1_epi32(to);
    for (; j + 16 <= m; j += 16) {
      const __m512i b = _mm512_castps_si512(_mm512_loadu_ps(values + j));
      unsigned found = _mm512_cmpge_epi32_mask(b, first) & _mm512_cmple_epi32_mask(b, last);
      for (; found; found &= found - 1) push(values, j + __builtin_ctz(found), turned);
    }
#endif
    for (; j < m; j++)
      if (const int32_t b = bits(values[j]); b >= from && b <= to) push(values, j, turned);
  }
  void push(const float *values, int64_t j, uint64_t turned) {
    keys.push_back((((uint64_t)(uint32_t)bits(values[j]) << 32) ^ turned) | (uint32_t)j);
  }
  /// The first `count` of the keys.
  void keep(const float *values, int64_t count, Chosen &to) {
    if (count < (int64_t)keys.size()) std::nth_element(keys.begin(), keys.begin() + count, keys.end());
    to.values.resize(count), to.places.resize(count);
    for (int64_t k = 0; k < count; k++) to.values[k] = values[to.places[k] = (int32_t)keys[k]];
  }
};
} // namespace dsd
