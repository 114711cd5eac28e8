// Operator dsd::bank_neighbours: for each query code, the nearest and the furthest candidates of other view classes
// (METHOD 3.5). Where fewer than asked for exist, the places left over hold -1. A selection, not a sort: the order
// within each set has no meaning.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dsd {
namespace {
using at::Tensor;

struct Candidate {
  float distance;
  int32_t index;
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
    std::vector<Candidate> others(m);
    for (int64_t i = from; i < to; i++) {
      std::fill(squares.begin(), squares.end(), 0.f);
      for (int64_t k = 0; k < d; k++) {
        const float a = qp[i * d + k];
        const float *b = cp + k * m;
        for (int64_t j = 0; j < m; j++) squares[j] += (b[j] - a) * (b[j] - a);
      }
      int64_t count = 0;
      for (int64_t j = 0; j < m; j++)
        // A comparison with a distance that is no number would break the selection's order.
        if (ccp[j] != qcp[i]) others[count++] = {std::isnan(squares[j]) ? INFINITY : squares[j], (int32_t)j};
      const auto first = others.begin(), last = others.begin() + count;
      const auto closer = [](const Candidate &a, const Candidate &b) { return a.distance < b.distance; };
      const int64_t k = std::min(near, count), f = std::min(far, count);
      if (k < count) std::nth_element(first, first + k, last, closer);
      for (int64_t j = 0; j < k; j++) np[i * near + j] = others[j].index;
      if (f < count) std::nth_element(first, last - f, last, closer);
      for (int64_t j = 0; j < f; j++) fp[i * far + j] = others[count - f + j].index;
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
