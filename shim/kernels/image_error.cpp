// Operator dsd::image_error: the squared error between images and projections filtered by a real transfer function, less
// the part that does not depend on the projections (METHOD 3.1), with its gradient:
//   q = sum over pixels of c (c - 2 x), c = filtered projection, x = image.
// By Parseval's theorem it is a sum over transforms, so that no filtered image is made; the gradient is the one inverse
// transform that is left.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace dsd {
namespace {
using at::Tensor;
using c10::complex;

/// For half-plane transforms f of projections [B, K, R, R/2+1], transfer t and transforms i of images [B, R, R/2+1]:
/// q [B, K]; f becomes 2 t (t f - i), whose inverse transform is the gradient of q for the projections.
template <typename S>
void errors(complex<S> *f, const S *t, const complex<S> *i, int64_t batch, int64_t poses, int64_t box, S *q) {
  const int64_t width = box / 2 + 1, plane = box * width;
  const double scale = 1 / (double)(box * box);
  for (int64_t b = 0; b < batch; b++, t += plane, i += plane)
    for (int64_t k = 0; k < poses; k++, f += plane) {
      double sum = 0;
      for (int64_t y = 0; y < box; y++) {
        // Columns between the first and the last stand for their mirror images too.
        S inner = 0, edges = 0;
        for (int64_t x = 0; x < width; x++) {
          const int64_t p = y * width + x;
          const S re = t[p] * f[p].real(), im = t[p] * f[p].imag(), a = i[p].real(), c = i[p].imag();
          const S part = re * (re - 2 * a) + im * (im - 2 * c);
          inner += part;
          if (x == 0 || x == width - 1) edges += part;
          f[p] = complex<S>(2 * t[p] * (re - a), 2 * t[p] * (im - c));
        }
        sum += 2 * (double)inner - (double)edges;
      }
      *q++ = (S)(sum * scale);
    }
}

/// The same in words of tensors, for any device.
std::tuple<Tensor, Tensor> errorsOnDevice(const Tensor &f, const Tensor &t, const Tensor &i, int64_t box) {
  const auto c = f * t.unsqueeze(1), image = i.unsqueeze(1);
  const auto parts = at::real(c * at::conj(c - 2 * image));
  const auto edges = parts.select(3, 0) + parts.select(3, box / 2);
  const auto q = (2 * parts.sum({2, 3}) - edges.sum({2})) / (double)(box * box);
  return {q, 2 * t.unsqueeze(1) * (c - image)};
}

struct ImageError : torch::autograd::Function<ImageError> {
  static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &projections, const Tensor &transfer, const Tensor &spectra) {
    at::AutoDispatchBelowADInplaceOrView guard;
    const int64_t batch = projections.size(0), poses = projections.size(1), box = projections.size(3);
    auto f = at::fft_rfft2(projections).contiguous();
    const auto t = transfer.contiguous(), i = spectra.contiguous();
    Tensor q;
    if (projections.is_cpu()) {
      q = at::empty({batch, poses}, projections.options());
      AT_DISPATCH_FLOATING_TYPES(projections.scalar_type(), "dsd::image_error", [&] {
        errors(f.mutable_data_ptr<complex<scalar_t>>(), t.const_data_ptr<scalar_t>(), i.const_data_ptr<complex<scalar_t>>(), batch, poses,
               box, q.mutable_data_ptr<scalar_t>());
      });
    } else {
      std::tie(q, f) = errorsOnDevice(f, t, i, box);
    }
    if (projections.requires_grad()) ctx->save_for_backward({at::fft_irfft2(f, at::IntArrayRef{box, box})});
    return q;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *ctx, torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    return {grads[0].unsqueeze(2).unsqueeze(3) * saved[0], Tensor(), Tensor()};
  }
};

Tensor imageError(const Tensor &projections, const Tensor &transfer, const Tensor &spectra) {
  TORCH_CHECK(projections.dim() == 4 && projections.size(2) == projections.size(3) && projections.size(3) % 2 == 0,
              "projections want [batch, poses, R, R] with R even, found ", projections.sizes());
  const int64_t batch = projections.size(0), box = projections.size(3);
  const auto half = {batch, box, box / 2 + 1};
  TORCH_CHECK(transfer.sizes() == at::IntArrayRef(half) && spectra.sizes() == at::IntArrayRef(half),
              "transfer and transforms of images want [", batch, ", ", box, ", ", box / 2 + 1, "], found ", transfer.sizes(), " and ",
              spectra.sizes());
  TORCH_CHECK(transfer.scalar_type() == projections.scalar_type() && spectra.scalar_type() == c10::toComplexType(projections.scalar_type()),
              "projections, transfer and transforms of images want one number type");
  TORCH_CHECK(!transfer.requires_grad() && !spectra.requires_grad(), "there is a gradient for projections alone");
  return ImageError::apply(projections, transfer, spectra);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) { m.def("image_error(Tensor projections, Tensor transfer, Tensor spectra) -> Tensor"); }
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) { m.impl("image_error", dsd::imageError); }
