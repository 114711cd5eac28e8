// Operator dsd::bank_neighbours: for each query code, the nearest and the furthest candidates of other view classes
// (METHOD 3.5). Where fewer than asked for exist, the places left over hold -1. A selection, not a sort: the order
// within each set has no meaning.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace dsd {
namespace {
using at::Tensor;

/// Selects among numbers that are not negative. Their bits order as they do, so that counts of the first bits say where
/// the k smallest and the k largest end, and only the numbers that share those bits with the last one are compared.
class Selection {
  static constexpr int shift = 19, bins = 1 << (31 - shift);
  std::vector<int32_t> counts;
  std::vector<std::pair<float, int32_t>> edge;
  static int bin(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits >> shift;
  }

public:
  Selection() : counts(bins) {}

  /// Negative values are left out. Writes the places of the `near` smallest and the `far` largest; as many as there are.
  void operator()(const std::vector<float> &values, int64_t near, int64_t far, int64_t *nearest, int64_t *furthest) {
    std::fill(counts.begin(), counts.end(), 0);
    int64_t all = 0;
    for (float value : values)
      if (value >= 0) counts[bin(value)]++, all++;
    near = std::min(near, all), far = std::min(far, all);
    int low = 0, high = bins - 1;
    int64_t below = 0, above = 0;
    while (low < bins - 1 && below + counts[low] < near) below += counts[low++];
    while (high > 0 && above + counts[high] < far) above += counts[high--];
    for (int32_t j = 0; j < (int32_t)values.size(); j++) {
      if (values[j] < 0) continue;
      const int at = bin(values[j]);
      if (at < low) *nearest++ = j;
      if (at > high) *furthest++ = j;
    }
    complete(values, low, near - below, nearest, [](const auto &a, const auto &b) { return a.first < b.first; });
    complete(values, high, far - above, furthest, [](const auto &a, const auto &b) { return a.first > b.first; });
  }

private:
  template <typename Order> void complete(const std::vector<float> &values, int wanted, int64_t count, int64_t *to, Order order) {
    if (count <= 0) return;
    edge.clear();
    for (int32_t j = 0; j < (int32_t)values.size(); j++)
      if (values[j] >= 0 && bin(values[j]) == wanted) edge.push_back({values[j], j});
    if (count < (int64_t)edge.size()) std::nth_element(edge.begin(), edge.begin() + count, edge.end(), order);
    for (int64_t i = 0; i < count; i++) *to++ = edge[i].second;
  }
};

/// One matrix of distances and two selections, without a word to the host.
std::tuple<Tensor, Tensor> onDevice(const Tensor &queries, const Tensor &queryClasses, const Tensor &candidates,
                                    const Tensor &candidateClasses, int64_t near, int64_t far) {
  const int64_t m = candidates.size(0);
  const auto other = queryClasses.view({-1, 1}) != candidateClasses.view({1, -1});
  // Distances that are no number come last among the candidates; those of the query's own class are none.
  const auto distance = at::nan_to_num(at::_cdist_forward(queries.to(at::kFloat), candidates.to(at::kFloat), 2, 2), 1e30, 1e30);
  const auto select = [&](int64_t count, bool largest) {
    const double none = largest ? -1 : INFINITY;
    const auto [value, index] = distance.masked_fill(~other, none).topk(std::min(count, m), 1, largest, false);
    return at::constant_pad_nd(index.masked_fill(value == none, -1), {0, count - std::min(count, m)}, -1);
  };
  return {select(near, false), select(far, true)};
}

std::tuple<Tensor, Tensor> bankNeighbours(const Tensor &queries, const Tensor &queryClasses, const Tensor &candidates,
                                          const Tensor &candidateClasses, int64_t near, int64_t far) {
  TORCH_CHECK(queries.dim() == 2 && candidates.dim() == 2 && queries.size(1) == candidates.size(1),
              "queries and candidates want [n, d] of one d, found ", queries.sizes(), " and ", candidates.sizes());
  TORCH_CHECK(queryClasses.numel() == queries.size(0) && candidateClasses.numel() == candidates.size(0),
              "a class for each query and candidate is wanted");
  TORCH_CHECK(near >= 0 && far >= 0, "the numbers of neighbours want to be 0 or more, found ", near, " and ", far);
  if (queries.is_cuda()) return onDevice(queries.detach(), queryClasses, candidates.detach(), candidateClasses, near, far);
  const auto q = queries.detach().to(at::kCPU, at::kFloat).contiguous(), c = candidates.detach().to(at::kCPU, at::kFloat).t().contiguous();
  const auto qc = queryClasses.to(at::kCPU, at::kLong).contiguous(), cc = candidateClasses.to(at::kCPU, at::kLong).contiguous();
  const int64_t n = q.size(0), m = c.size(1), d = q.size(1);
  auto nearest = at::full({n, near}, -1, at::kLong), furthest = at::full({n, far}, -1, at::kLong);
  const float *qp = q.const_data_ptr<float>(), *cp = c.const_data_ptr<float>();
  const int64_t *qcp = qc.const_data_ptr<int64_t>(), *ccp = cc.const_data_ptr<int64_t>();
  int64_t *np = nearest.mutable_data_ptr<int64_t>(), *fp = furthest.mutable_data_ptr<int64_t>();
  at::parallel_for(0, n, 1, [&](int64_t from, int64_t to) {
    std::vector<float> squares(m);
    Selection select;
    for (int64_t i = from; i < to; i++) {
      std::fill(squares.begin(), squares.end(), 0.f);
      for (int64_t k = 0; k < d; k++) {
        const float a = qp[i * d + k];
        const float *b = cp + k * m;
        for (int64_t j = 0; j < m; j++) squares[j] += (b[j] - a) * (b[j] - a);
      }
      // A distance that is no number is the largest.
      for (int64_t j = 0; j < m; j++)
        squares[j] = ccp[j] == qcp[i] ? -1 : std::isnan(squares[j]) ? INFINITY : squares[j];
      select(squares, near, far, np + i * near, fp + i * far);
    }
  });
  return {nearest.to(queries.device()), furthest.to(queries.device())};
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("bank_neighbours(Tensor queries, Tensor query_classes, Tensor candidates, Tensor candidate_classes, int near, int far) -> (Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(dsd, CompositeExplicitAutograd, m) { m.impl("bank_neighbours", dsd::bankNeighbours); }
