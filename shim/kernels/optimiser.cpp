// Operators over all parameters of a model at once. A small model has as many tensors as a large one, and calls of one
// operator for each took longer than their arithmetic.
//   dsd::global_norm: Euclidean norm of all gradients together.
//   dsd::adam_step: Adam (Kingma and Ba) in place, by libtorch's fused operator.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace dsd {
namespace {
using at::Tensor;
using at::TensorList;

template <typename S> double squares(const S *x, int64_t n) {
  double sum = 0;
  for (int64_t first = 0; first < n; first += 4096) {
    constexpr int lanes = 16;
    S part[lanes] = {};
    const int64_t last = std::min(n, first + 4096);
    int64_t k = first;
    for (; k + lanes <= last; k += lanes)
      for (int j = 0; j < lanes; j++) part[j] += x[k + j] * x[k + j];
    for (; k < last; k++) part[0] += x[k] * x[k];
    for (S p : part) sum += p;
  }
  return sum;
}

/// A scalar, float64, where the gradients are; 0 where there are none.
Tensor globalNorm(TensorList gradients) {
  if (gradients.empty()) return at::zeros({}, at::kDouble);
  bool own = true;
  for (const Tensor &g : gradients)
    own = own && g.is_cpu() && g.is_non_overlapping_and_dense() && (g.scalar_type() == at::kFloat || g.scalar_type() == at::kDouble);
  if (!own) return at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)).to(at::kDouble), 2);
  double sum = 0;
  for (const Tensor &g : gradients)
    sum += g.scalar_type() == at::kFloat ? squares(g.const_data_ptr<float>(), g.numel()) : squares(g.const_data_ptr<double>(), g.numel());
  return at::scalar_tensor(std::sqrt(sum), at::kDouble);
}

/// All lists in one order. The fused operator walks memory as it lies, so each tensor is seen as a vector: parameters and
/// moments lie row by row, and a gradient that does not is copied. `skipped`, float32 scalar: 1 leaves everything as it is.
void adamStep(TensorList parameters, TensorList gradients, TensorList first, TensorList second, TensorList steps,
              double rate, double beta1, double beta2, double epsilon, const std::optional<Tensor> &skipped) {
  TORCH_CHECK(gradients.size() == parameters.size() && first.size() == parameters.size() && second.size() == parameters.size() &&
                  steps.size() == parameters.size(),
              "a gradient, two moments and a count of steps are wanted for each parameter");
  std::vector<Tensor> p, g, m, v;
  for (size_t k = 0; k < parameters.size(); k++) {
    p.push_back(parameters[k].detach().view({-1})), m.push_back(first[k].view({-1})), v.push_back(second[k].view({-1}));
    g.push_back(gradients[k].reshape({-1}));
  }
  at::_foreach_add_(steps, 1);
  at::_fused_adam_(p, g, m, v, {}, steps, rate, beta1, beta2, 0, epsilon, false, false, {}, skipped);
  if (skipped) at::_foreach_sub_(steps, std::vector<Tensor>(steps.size(), *skipped), 1);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("global_norm(Tensor[] gradients) -> Tensor");
  m.def("adam_step(Tensor[] parameters, Tensor[] gradients, Tensor[] first, Tensor[] second, Tensor[] steps, float rate, "
        "float beta1, float beta2, float epsilon, Tensor? skipped) -> ()");
}
TORCH_LIBRARY_IMPL(dsd, CompositeExplicitAutograd, m) {
  m.impl("global_norm", dsd::globalNorm);
  m.impl("adam_step", dsd::adamStep);
}
