// Central slices into a Fourier volume: the adjoint of slicing, with trilinear weights.
//
// The volume is a half space x >= 0 of side P = padding * D in FFT order, [P, P, P/2 + 1]; sample (kx, ky) of an image
// lies at padding * R^T (kx, ky, 0). Where x < 0 the Friedel mate is used. The plane x = 0 keeps each sample once: the
// caller adds the mirrored conjugate of that plane when all images are in.
//
// Every thread owns a slab of z and adds, in the order of the images, only what falls into it: no races, no atomics, and
// sums that do not depend on the number of threads.
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {

// The part of [first, last] in which offset + slope * k lies in [low, high), widened by one against rounding.
void clip(double offset, double slope, double low, double high, int64_t &first, int64_t &last) {
  if (std::abs(slope) < 1e-12) {
    if (offset < low - 1e-6 || offset > high + 1e-6) last = first - 1;
    return;
  }
  double a = (low - offset) / slope, b = (high - offset) / slope;
  if (a > b) std::swap(a, b);
  a = std::clamp(std::floor(a) - 1, -1e9, 1e9);
  b = std::clamp(std::ceil(b) + 1, -1e9, 1e9);
  first = std::max(first, static_cast<int64_t>(a));
  last = std::min(last, static_cast<int64_t>(b));
}

template <typename real> struct Slab {
  real *re, *im, *weight;
  int64_t side, columns; // P and P/2 + 1
  int64_t low, high;     // signed z, low <= z < high

  void add(int64_t z, int64_t y, int64_t x, float fx, float scale, float r, float i, float w) const {
    const int64_t row = (z < 0 ? z + side : z) * side + (y < 0 ? y + side : y);
    const int64_t at = row * columns + x;
    const float b = scale * fx, a = scale - b;
    re[at] += a * r;
    re[at + 1] += b * r;
    im[at] += a * i;
    im[at + 1] += b * i;
    weight[at] += a * w;
    weight[at + 1] += b * w;
  }

  // One image. `f`: rfft2 with its phase origin at pixel (0, 0), so (-1)^(kx + ky) moves it to the centre D/2.
  void insert(const c10::complex<float> *f, const float *ctf, const float *m, float imageWeight, int64_t side2D,
              int64_t padding, double maximumRadius) const {
    const int64_t half = side2D / 2, stride = half + 1;
    const double limit = maximumRadius * maximumRadius;
    const float p = static_cast<float>(padding);
    // Columns of R^T: where a step along kx and along ky goes.
    const float ax = p * m[0], ay = p * m[1], az = p * m[2];
    const float bx = p * m[3], by = p * m[4], bz = p * m[5];
    for (int64_t ky = -half; ky < half; ky++) {
      const double rest = limit - double(ky) * double(ky);
      if (rest < 0) continue;
      const int64_t reach = std::min<int64_t>(half, static_cast<int64_t>(std::sqrt(rest)));
      const float ox = bx * ky, oy = by * ky, oz = bz * ky;
      const c10::complex<float> *row = f + (ky < 0 ? ky + side2D : ky) * stride;
      const float *ctfRow = ctf + (ky < 0 ? ky + side2D : ky) * stride;
      for (int flip = 0; flip < 2; flip++) {
        const float s = flip ? -1.0f : 1.0f;
        // Column 0 holds each sample twice, as (0, ky) and (0, -ky).
        int64_t first = ky < 0 ? 1 : 0, last = reach;
        clip(s * ox, s * ax, 0, 1e9, first, last);
        clip(s * oz, s * az, double(low) - 1, double(high), first, last);
        for (int64_t kx = first; kx <= last; kx++) {
          const float ux = ox + ax * kx;
          if ((ux < 0) != (flip == 1)) continue;
          const float x = s * ux, y = s * (oy + ay * kx), z = s * (oz + az * kx);
          const float fx0 = std::floor(x), fy0 = std::floor(y), fz0 = std::floor(z);
          const auto ix = static_cast<int64_t>(fx0), iy = static_cast<int64_t>(fy0), iz = static_cast<int64_t>(fz0);
          const bool lower = iz >= low && iz < high, upper = iz + 1 >= low && iz + 1 < high;
          if (!lower && !upper) continue;
          const float c = ctfRow[kx], g = ((kx + ky) & 1 ? -imageWeight : imageWeight) * c;
          const float r = g * row[kx].real(), i = s * g * row[kx].imag(), w = imageWeight * c * c;
          const float dx = x - fx0, dy = y - fy0, dz = z - fz0;
          if (lower) {
            add(iz, iy, ix, dx, (1 - dz) * (1 - dy), r, i, w);
            add(iz, iy + 1, ix, dx, (1 - dz) * dy, r, i, w);
          }
          if (upper) {
            add(iz + 1, iy, ix, dx, dz * (1 - dy), r, i, w);
            add(iz + 1, iy + 1, ix, dx, dz * dy, r, i, w);
          }
        }
      }
    }
  }
};

// Lower edge of slab k of n in -reach ... reach. Views spread evenly put samples at height z in proportion to
// reach - |z|; the edges share those out equally.
int64_t edge(int64_t k, int64_t n, int64_t reach) {
  if (k == n) return reach + 1;
  const double q = double(k) / double(n), r = double(reach);
  return static_cast<int64_t>(std::floor(q < 0.5 ? r * (std::sqrt(2 * q) - 1) : r * (1 - std::sqrt(2 * (1 - q)))));
}

// Adds `images` to the accumulators.
//   real, imaginary, weight  [P, P, P/2 + 1] float or double, contiguous, CPU
//   images   [B, D, D/2 + 1] complex64, rfft2 of centred images    ctf  [B, D, D/2 + 1] float32
//   rotations [B, 3, 3] float32, volume to image    weights [B] float32
//   padding = P / D    maximumRadius: largest |k| used, in samples of the unpadded transform, below D/2
void insertSlices(at::Tensor real, at::Tensor imaginary, at::Tensor weight, const at::Tensor &images,
                  const at::Tensor &ctf, const at::Tensor &rotations, const at::Tensor &weights, int64_t padding,
                  double maximumRadius) {
  TORCH_CHECK(images.dim() == 3 && images.scalar_type() == at::kComplexFloat,
              "insert_slices: images are complex64 [B, D, D/2+1]");
  const int64_t count = images.size(0), side2D = images.size(1);
  TORCH_CHECK(side2D % 2 == 0 && images.size(2) == side2D / 2 + 1,
              "insert_slices: images are [B, D, D/2+1] with even D, not ", images.sizes());
  TORCH_CHECK(ctf.sizes() == images.sizes() && ctf.scalar_type() == at::kFloat, "insert_slices: ctf is float32 of shape ",
              images.sizes(), ", not ", ctf.sizes());
  TORCH_CHECK(rotations.sizes() == at::IntArrayRef({count, 3, 3}) && rotations.scalar_type() == at::kFloat,
              "insert_slices: rotations are float32 [B, 3, 3]");
  TORCH_CHECK(weights.sizes() == at::IntArrayRef({count}) && weights.scalar_type() == at::kFloat,
              "insert_slices: weights are float32 [B]");
  TORCH_CHECK(padding >= 1, "insert_slices: padding is 1 or more");
  const int64_t side = padding * side2D;
  TORCH_CHECK(maximumRadius > 0 && maximumRadius < side2D / 2.0, "insert_slices: the largest radius lies in 0 ..< D/2");
  for (const at::Tensor *t : {&real, &imaginary, &weight}) {
    TORCH_CHECK(t->sizes() == at::IntArrayRef({side, side, side / 2 + 1}) && t->is_contiguous() && t->device().is_cpu() &&
                    t->scalar_type() == real.scalar_type(),
                "insert_slices: accumulators are contiguous CPU tensors of shape [P, P, P/2+1] with P = ", side);
  }
  const at::Tensor f = images.contiguous(), c = ctf.contiguous();
  const at::Tensor m = rotations.contiguous(), w = weights.contiguous();
  const int64_t reach = std::min<int64_t>(side / 2 - 1, static_cast<int64_t>(padding * maximumRadius) + 2);
  const int64_t sample = side2D * (side2D / 2 + 1);
  AT_DISPATCH_FLOATING_TYPES(real.scalar_type(), "insert_slices", [&] {
    auto *re = real.mutable_data_ptr<scalar_t>();
    auto *im = imaginary.mutable_data_ptr<scalar_t>();
    auto *den = weight.mutable_data_ptr<scalar_t>();
    const auto *data = f.const_data_ptr<c10::complex<float>>();
    const auto *transfer = c.const_data_ptr<float>(), *matrices = m.const_data_ptr<float>();
    const auto *factor = w.const_data_ptr<float>();
    const int64_t slabs = at::get_num_threads();
    at::parallel_for(0, slabs, 1, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; k++) {
        const Slab<scalar_t> slab{re, im, den, side, side / 2 + 1, edge(k, slabs, reach), edge(k + 1, slabs, reach)};
        for (int64_t b = 0; b < count; b++) {
          if (factor[b] == 0) continue;
          slab.insert(data + b * sample, transfer + b * sample, matrices + b * 9, factor[b], side2D, padding,
                      maximumRadius);
        }
      }
    });
  });
}

} // namespace

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("insert_slices(Tensor(a!) real, Tensor(b!) imaginary, Tensor(c!) weight, Tensor images, Tensor ctf, "
        "Tensor rotations, Tensor weights, int padding, float maximum_radius) -> ()");
}

TORCH_LIBRARY_IMPL(dsd, CPU, m) { m.impl("insert_slices", insertSlices); }
