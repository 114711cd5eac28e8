// Operator dsd::bank_neighbours: for each query code, the nearest and the furthest candidates of other view classes
// (METHOD 3.5). Where fewer than asked for exist, the places left over hold -1. A selection, not a sort: the order
// within each set has no meaning.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "candidates.h"
#include "selection.h"

namespace dsd {
namespace {
using at::Tensor;

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
  const Candidates from(candidates.detach(), candidateClasses, {});
  const auto q = queries.detach().to(at::kFloat).contiguous(), qc = queryClasses.to(at::kLong).contiguous();
  const int64_t n = q.size(0), d = q.size(1);
  auto nearest = at::full({n, near}, -1, at::kLong), furthest = at::full({n, far}, -1, at::kLong);
  const float *qp = q.const_data_ptr<float>();
  const int64_t *qcp = qc.const_data_ptr<int64_t>();
  int64_t *np = nearest.mutable_data_ptr<int64_t>(), *fp = furthest.mutable_data_ptr<int64_t>();
  at::parallel_for(0, n, 1, [&](int64_t first, int64_t last) {
    std::vector<float> squares(from.count);
    Selection select;
    Selection::Chosen close, distant;
    for (int64_t i = first; i < last; i++) {
      from.squares(qp + i * d, qcp[i], squares.data());
      select(squares.data(), from.count, near, far, close, distant);
      std::copy(close.places.begin(), close.places.end(), np + i * near);
      std::copy(distant.places.begin(), distant.places.end(), fp + i * far);
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
