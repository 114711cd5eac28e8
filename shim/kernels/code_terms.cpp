// Terms of the objective that compare codes, with their gradients written out, for the CPU (METHOD 3.2, 3.4, 3.5). A step
// has few codes: as chains of general operators these terms took longer than the networks' smaller layers.
//   dsd::bank_terms: Eq. 6 for each code, its part alone.
//   dsd::code_terms: divergence and Eq. 5 of a whole batch, and the weighted sum of all.
// The same in words of tensors is StructuralDisentanglement.swift; tests compare the two.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "candidates.h"
#include "selection.h"

namespace dsd {
namespace {
using at::Tensor;

/// A sum of logarithms as the logarithm of products, of few enough factors of float that none leaves the range of double.
class LogSum {
  double sum = 0, product = 1;
  int factors = 0;

public:
  void add(double factor) {
    product *= factor;
    if (++factors == 4) sum += std::log(product), product = 1, factors = 0;
  }
  double value() const { return sum + std::log(product); }
};

/// For each of the codes [n, Z]: mean of log(1 + d^2) over the `near` nearest candidates of other classes, plus `far_weight`
/// times the mean of log(1 + 1 / (d^2 + epsilon)) over the `far` furthest. -> float64 [n] and the gradient, float64 [n, Z].
std::tuple<Tensor, Tensor> bankTerms(const Tensor &mu, const Tensor &classes, const Tensor &bank, const Tensor &bankClasses,
                                     const std::optional<Tensor> &rows, int64_t near, int64_t far, double epsilon, double farWeight) {
  TORCH_CHECK(mu.dim() == 2 && bank.dim() == 2 && mu.size(1) == bank.size(1), "codes and bank want [n, Z] of one Z, found ",
              mu.sizes(), " and ", bank.sizes());
  TORCH_CHECK(classes.numel() == mu.size(0) && bankClasses.numel() == bank.size(0), "a class for each code is wanted");
  TORCH_CHECK(near >= 0 && far >= 0, "the numbers of neighbours want to be 0 or more, found ", near, " and ", far);
  TORCH_CHECK(mu.is_cpu() && bank.is_cpu(), "the kernel is for the CPU");
  const Candidates from(bank, bankClasses, rows.value_or(Tensor()));
  const int64_t n = mu.size(0), Z = mu.size(1);
  const auto wide = mu.to(at::kDouble).contiguous(), brief = mu.to(at::kFloat).contiguous();
  const auto kinds = classes.to(at::kLong).contiguous();
  auto values = at::zeros({n}, at::kDouble), gradient = at::zeros({n, Z}, at::kDouble);
  double *out = values.mutable_data_ptr<double>(), *slope = gradient.mutable_data_ptr<double>();
  std::vector<float> squares(from.count);
  Selection select;
  Selection::Chosen nearest, furthest;
  for (int64_t i = 0; i < n; i++, out++, slope += Z) {
    const double *code = wide.const_data_ptr<double>() + i * Z;
    from.squares(brief.const_data_ptr<float>() + i * Z, kinds.const_data_ptr<int64_t>()[i], squares.data());
    select(squares.data(), from.count, near, far, nearest, furthest);
    // `term` adds to the sum of logarithms and gives the derivative for the square.
    const auto add = [&](const Selection::Chosen &chosen, double weight, auto term) {
      if (chosen.count() == 0) return;
      const double share = weight / (double)chosen.count();
      LogSum sum;
      for (int64_t j = 0; j < chosen.count(); j++) {
        const double w = 2 * share * term(sum, (double)chosen.values[j]);
        const float *other = &from.codes[chosen.places[j]];
        for (int64_t k = 0; k < Z; k++) slope[k] += w * (code[k] - (double)other[k * from.count]);
      }
      *out += share * sum.value();
    };
    add(nearest, 1, [](LogSum &sum, double d) {
      sum.add(1 + d);
      return 1 / (1 + d);
    });
    add(furthest, farWeight, [&](LogSum &sum, double d) {
      const double inverse = 1 / (d + epsilon);
      sum.add(1 + inverse);
      return -inverse * inverse / (1 + inverse);
    });
  }
  return {values, gradient};
}

/// Eq. 5 of a batch, without its mean: adds to the gradient [n, Z] and returns the sum over the batch.
double intraClass(const double *mu, const int64_t *classes, int64_t n, int64_t Z, int64_t neighbours, double epsilon, bool bounded,
                  double *gradient) {
  double total = 0;
  std::vector<std::pair<double, int64_t>> others;
  for (int64_t i = 0; i < n; i++) {
    others.clear();
    for (int64_t j = 0; j < n; j++) {
      if (j == i || classes[j] != classes[i]) continue;
      double square = 0;
      for (int64_t k = 0; k < Z; k++) square += (mu[i * Z + k] - mu[j * Z + k]) * (mu[i * Z + k] - mu[j * Z + k]);
      others.push_back({square, j});
    }
    if (others.empty()) continue;
    const auto count = (int64_t)others.size(), close = std::min(neighbours, count);
    std::nth_element(others.begin(), others.begin() + (close - 1), others.end());
    for (int64_t place = 0; place < count; place++) {
      const auto [square, j] = others[place];
      const double apart = square + epsilon, weight = bounded ? std::min(apart, 1.) : 1.;
      total += weight * std::log1p(1 / apart) / count;
      double derivative = -weight / (apart * (apart + 1)) / count;
      if (place < close) total += std::log1p(square) / close, derivative += 1 / (1 + square) / close;
      for (int64_t k = 0; k < Z; k++) {
        const double pull = 2 * derivative * (mu[i * Z + k] - mu[j * Z + k]);
        gradient[i * Z + k] += pull, gradient[j * Z + k] -= pull;
      }
    }
  }
  return total;
}

/// mu and log_sigma [n, Z]; `inter` and its gradient are those of dsd::bank_terms for the whole batch, times the bank's
/// weight, and are absent, with `compared` false, where codes are not compared. -> float64 [3] (divergence, Eq. 5, Eq. 6, means
/// over the batch) and the gradients of divergence_weight * divergence + prior_weight * (Eq. 5 + Eq. 6), in the codes' type.
std::tuple<Tensor, Tensor, Tensor> codeTerms(const Tensor &mu, const Tensor &logSigma, const Tensor &classes, bool compared,
                                             const std::optional<Tensor> &inter, const std::optional<Tensor> &interGradient,
                                             int64_t neighbours, double epsilon, bool bounded, double divergenceWeight,
                                             double priorWeight) {
  TORCH_CHECK(mu.dim() == 2 && logSigma.sizes() == mu.sizes() && classes.numel() == mu.size(0),
              "mu and log sigma want [n, Z] with a class each, found ", mu.sizes(), ", ", logSigma.sizes(), " and ", classes.sizes());
  TORCH_CHECK(neighbours >= 1, "the number of neighbours wants to be 1 or more, found ", neighbours);
  TORCH_CHECK(mu.is_cpu(), "the kernel is for the CPU");
  const int64_t n = mu.size(0), Z = mu.size(1);
  const auto m = mu.to(at::kDouble).contiguous(), s = logSigma.to(at::kDouble).contiguous(), c = classes.to(at::kLong).contiguous();
  auto terms = at::zeros({3}, at::kDouble), gm = at::zeros({n, Z}, at::kDouble), gs = at::empty({n, Z}, at::kDouble);
  const double *mp = m.const_data_ptr<double>(), *sp = s.const_data_ptr<double>();
  double *t = terms.mutable_data_ptr<double>(), *gmp = gm.mutable_data_ptr<double>(), *gsp = gs.mutable_data_ptr<double>();
  if (compared) {
    t[1] = intraClass(mp, c.const_data_ptr<int64_t>(), n, Z, neighbours, epsilon, bounded, gmp) / n;
    if (inter) t[2] = inter->sum().item<double>() / n;
    if (interGradient) gm.add_(*interGradient);
  }
  for (int64_t k = 0; k < n * Z; k++) {
    const double variance = std::exp(2 * sp[k]);
    t[0] += (0.5 * (variance + mp[k] * mp[k]) - sp[k] - 0.5) / n;
    gmp[k] = (priorWeight * gmp[k] + divergenceWeight * mp[k]) / n;
    gsp[k] = divergenceWeight * (variance - 1) / n;
  }
  return {terms, gm.to(mu.scalar_type()), gs.to(mu.scalar_type())};
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("bank_terms(Tensor mu, Tensor classes, Tensor bank, Tensor bank_classes, Tensor? rows, int near, int far, float epsilon, "
        "float far_weight) -> (Tensor, Tensor)");
  m.def("code_terms(Tensor mu, Tensor log_sigma, Tensor classes, bool compared, Tensor? inter, Tensor? inter_gradient, "
        "int neighbours, float epsilon, bool bounded, float divergence_weight, float prior_weight) -> (Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(dsd, CompositeExplicitAutograd, m) {
  m.impl("bank_terms", dsd::bankTerms);
  m.impl("code_terms", dsd::codeTerms);
}
