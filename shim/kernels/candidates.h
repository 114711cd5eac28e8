// Codes of the memory bank that a batch is compared with, as the kernels of the CPU want them.
#pragma once
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dsd {
struct Candidates {
  int64_t count, width;
  /// A row for each number of the codes, [width, count].
  std::vector<float> codes;
  std::vector<int64_t> classes;

  /// `rows` of the bank, int64; all of it where they are not given.
  Candidates(const at::Tensor &bank, const at::Tensor &bankClasses, const at::Tensor &rows)
      : count(rows.defined() ? rows.numel() : bank.size(0)), width(bank.size(1)), codes(count * width), classes(count) {
    const auto values = bank.to(at::kCPU, at::kFloat).contiguous();
    const auto kinds = bankClasses.to(at::kCPU, at::kLong).contiguous();
    const auto list = rows.defined() ? rows.to(at::kCPU, at::kLong).contiguous() : rows;
    const float *from = values.const_data_ptr<float>();
    const int64_t *kind = kinds.const_data_ptr<int64_t>(), *row = list.defined() ? list.const_data_ptr<int64_t>() : nullptr;
    const int64_t total = bank.size(0);
    constexpr int64_t ahead = 16;
    for (int64_t j = 0; j < count; j++) {
      // Rows drawn at random are seldom at hand.
      if (row && j + ahead < count) {
        const int64_t next = std::clamp<int64_t>(row[j + ahead], 0, total - 1);
        __builtin_prefetch(from + next * width), __builtin_prefetch(kind + next);
      }
      const int64_t place = row ? row[j] : j;
      TORCH_CHECK_INDEX(place >= 0 && place < total, "row ", place, " of a bank of ", total, " codes is asked for");
      classes[j] = kind[place];
      for (int64_t k = 0; k < width; k++) codes[k * count + j] = from[place * width + k];
    }
  }

  /// Squared distances of `query` [width] to all; -1 to those of its own class. A distance that is no number is the largest.
  void squares(const float *query, int64_t ownClass, float *out) const {
    constexpr int64_t block = 2048;
    for (int64_t first = 0; first < count; first += block) {
      const int64_t n = std::min(block, count - first);
      float *to = out + first;
      std::fill(to, to + n, 0.f);
      for (int64_t k = 0; k < width; k++) {
        const float a = query[k];
        const float *b = &codes[k * count + first];
        for (int64_t j = 0; j < n; j++) to[j] += (b[j] - a) * (b[j] - a);
      }
      const int64_t *kind = &classes[first];
      for (int64_t j = 0; j < n; j++) {
        const float value = to[j] == to[j] ? to[j] : INFINITY;
        to[j] = kind[j] == ownClass ? -1 : value;
      }
    }
  }
};
} // namespace dsd
