// Central slices into a Fourier volume: the adjoint of slicing, with trilinear weights; and the division that
// makes a volume of the sums.
//
// The volume is a half space x >= 0 of side P = padding * D in FFT order, [P, P, P/2 + 1]; sample (kx, ky) of
// an image lies at padding * R^T (kx, ky, 0). Where x < 0 the Friedel mate is used. The plane x = 0 gets each
// sample once; its mirrored conjugate is added when the sums are read.
//
// Every worker owns a slab of z and adds, in the order of the images, only what falls into it: no races, no
// atomics, and sums that do not depend on the number of workers. A call does the work of one of `parts`
// workers; the caller runs the parts on threads of its own.
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/div.h>
#include <ATen/ops/zeros.h>
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

  // One image. `f`: rfft2 with its phase origin at pixel (0, 0), so (-1)^(kx + ky) moves it to the centre
  // D/2.
  void insert(const c10::complex<float> *f, const float *ctf, const float *m, float imageWeight,
              int64_t side2D, int64_t padding, double maximumRadius) const {
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
          const auto ix = static_cast<int64_t>(fx0), iy = static_cast<int64_t>(fy0);
          const auto iz = static_cast<int64_t>(fz0);
          const bool lower = iz >= low && iz < high, upper = iz + 1 >= low && iz + 1 < high;
          if (!lower && !upper) continue;
          // A matrix that is no rotation may lead out of the volume.
          if (ix < 0 || ix >= side / 2 || iy < -side / 2 || iy >= side / 2) continue;
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
  const double share = q < 0.5 ? std::sqrt(2 * q) - 1 : 1 - std::sqrt(2 * (1 - q));
  return static_cast<int64_t>(std::floor(r * share));
}

void checkSums(const at::Tensor &real, const at::Tensor &imaginary, const at::Tensor &weight, int64_t side) {
  for (const at::Tensor *t : {&real, &imaginary, &weight}) {
    TORCH_CHECK(t->sizes() == at::IntArrayRef({side, side, side / 2 + 1}) && t->is_contiguous() &&
                    t->device().is_cpu() && t->scalar_type() == real.scalar_type(),
                "sums of slices are contiguous CPU tensors of one type, [P, P, P/2+1] with P = ", side);
  }
}

// Adds `images` to the accumulators.
//   real, imaginary, weight  [P, P, P/2 + 1] float or double, contiguous, CPU
//   images   [B, D, D/2 + 1] complex64, rfft2 of centred images    ctf  [B, D, D/2 + 1] float32
//   rotations [B, 3, 3] float32, volume to image    weights [B] float32
//   padding = P / D    maximumRadius: largest |k| used, in samples of the unpadded transform, below D/2
//   part of parts: the slab of z that this call adds to
void insertSlices(at::Tensor real, at::Tensor imaginary, at::Tensor weight, const at::Tensor &images,
                  const at::Tensor &ctf, const at::Tensor &rotations, const at::Tensor &weights,
                  int64_t padding, double maximumRadius, int64_t part, int64_t parts) {
  TORCH_CHECK(images.dim() == 3 && images.scalar_type() == at::kComplexFloat,
              "insert_slices: images are complex64 [B, D, D/2+1]");
  const int64_t count = images.size(0), side2D = images.size(1);
  TORCH_CHECK(side2D % 2 == 0 && images.size(2) == side2D / 2 + 1,
              "insert_slices: images are [B, D, D/2+1] with even D, not ", images.sizes());
  TORCH_CHECK(ctf.sizes() == images.sizes() && ctf.scalar_type() == at::kFloat,
              "insert_slices: ctf is float32 of shape ", images.sizes(), ", not ", ctf.sizes());
  TORCH_CHECK(rotations.sizes() == at::IntArrayRef({count, 3, 3}) && rotations.scalar_type() == at::kFloat,
              "insert_slices: rotations are float32 [B, 3, 3]");
  TORCH_CHECK(weights.sizes() == at::IntArrayRef({count}) && weights.scalar_type() == at::kFloat,
              "insert_slices: weights are float32 [B]");
  TORCH_CHECK(padding >= 1, "insert_slices: padding is 1 or more");
  const int64_t side = padding * side2D;
  TORCH_CHECK(maximumRadius > 0 && maximumRadius < side2D / 2.0,
              "insert_slices: the largest radius lies in 0 ..< D/2");
  TORCH_CHECK(part >= 0 && part < parts, "insert_slices: part ", part, " of ", parts);
  checkSums(real, imaginary, weight, side);
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
    const int64_t low = edge(part, parts, reach), high = edge(part + 1, parts, reach);
    const Slab<scalar_t> slab{re, im, den, side, side / 2 + 1, low, high};
    for (int64_t b = 0; b < count; b++) {
      if (factor[b] == 0) continue;
      slab.insert(data + b * sample, transfer + b * sample, matrices + b * 9, factor[b], side2D, padding,
                  maximumRadius);
    }
  });
}

// Reads the sums at (z, y, x), FFT order, with the mirrored conjugate of the plane x = 0 added.
template <typename real> struct Sums {
  const real *re, *im, *weight;
  int64_t side;

  int64_t mirror(int64_t z, int64_t y) const {
    return ((z == 0 ? 0 : side - z) * side + (y == 0 ? 0 : side - y)) * (side / 2 + 1);
  }
  double weightAt(int64_t row, int64_t z, int64_t y, int64_t x) const {
    return x == 0 ? double(weight[row]) + double(weight[mirror(z, y)]) : double(weight[row + x]);
  }
  c10::complex<double> valueAt(int64_t row, int64_t z, int64_t y, int64_t x) const {
    if (x > 0) return {double(re[row + x]), double(im[row + x])};
    const int64_t m = mirror(z, y);
    return {double(re[row]) + double(re[m]), double(im[row]) - double(im[m])};
  }
};

int64_t signedIndex(int64_t k, int64_t side) { return k < side / 2 ? k : k - side; }

// What the sums hold between voxels, trilinear; beyond the grid they are 0.
template <typename real> struct SumsBetween {
  Sums<real> sums;

  // Adds value and weight at (z, y, x), any sign, to `value` and `weight`.
  void add(float z, float y, float x, c10::complex<double> &value, double &weight) const {
    const float sign = x < 0 ? -1.0f : 1.0f;
    z *= sign, y *= sign, x *= sign;
    const float fz = std::floor(z), fy = std::floor(y), fx = std::floor(x);
    const int64_t side = sums.side, half = side / 2;
    const auto iz = static_cast<int64_t>(fz), iy = static_cast<int64_t>(fy), ix = static_cast<int64_t>(fx);
    if (ix >= half || iy < -half || iy + 1 >= half || iz < -half || iz + 1 >= half) return;
    const float az[2] = {1 - (z - fz), z - fz}, ay[2] = {1 - (y - fy), y - fy};
    const float ax[2] = {1 - (x - fx), x - fx};
    c10::complex<double> total = 0;
    for (int k = 0; k < 8; k++) {
      const int64_t cz = (iz + (k >> 2) + side) % side, cy = (iy + (k >> 1 & 1) + side) % side;
      const int64_t cx = ix + (k & 1), row = (cz * side + cy) * (half + 1);
      const double share = double(az[k >> 2]) * ay[k >> 1 & 1] * ax[k & 1];
      total += share * sums.valueAt(row, cz, cy, cx);
      weight += share * sums.weightAt(row, cz, cy, cx);
    }
    value += sign < 0 ? std::conj(total) : total;
  }
};

// Sums of an asymmetric set brought to a point group: at each voxel k, what the sums hold at S k added up
// over the rotations S of the group.
//   symmetric_*   the results, [P, P, P/2 + 1]; other tensors than the sums read
//   rotations     [n, 3, 3] float32, the identity among them
//   part of parts: this call makes the planes z = part, part + parts ...
void symmetriseSlices(at::Tensor symmetricReal, at::Tensor symmetricImaginary, at::Tensor symmetricWeight,
                      const at::Tensor &real, const at::Tensor &imaginary, const at::Tensor &weight,
                      const at::Tensor &rotations, int64_t padding, double maximumRadius, int64_t part,
                      int64_t parts) {
  const int64_t side = weight.size(0), count = rotations.size(0);
  checkSums(real, imaginary, weight, side);
  checkSums(symmetricReal, symmetricImaginary, symmetricWeight, side);
  TORCH_CHECK(rotations.sizes() == at::IntArrayRef({count, 3, 3}) && rotations.scalar_type() == at::kFloat,
              "symmetrise_slices: rotations are float32 [n, 3, 3]");
  TORCH_CHECK(part >= 0 && part < parts && symmetricReal.scalar_type() == real.scalar_type(),
              "symmetrise_slices: part ", part, " of ", parts, ", and one type for all sums");
  const at::Tensor matrices = rotations.contiguous();
  const double reach = double(padding) * maximumRadius + 2, limit = reach * reach;
  AT_DISPATCH_FLOATING_TYPES(real.scalar_type(), "symmetrise_slices", [&] {
    const SumsBetween<scalar_t> between{{real.const_data_ptr<scalar_t>(),
                                         imaginary.const_data_ptr<scalar_t>(),
                                         weight.const_data_ptr<scalar_t>(), side}};
    auto *re = symmetricReal.mutable_data_ptr<scalar_t>();
    auto *im = symmetricImaginary.mutable_data_ptr<scalar_t>();
    auto *den = symmetricWeight.mutable_data_ptr<scalar_t>();
    for (int64_t z = part; z < side; z += parts) {
      const int64_t sz = signedIndex(z, side);
      for (int64_t y = 0; y < side; y++) {
        const int64_t sy = signedIndex(y, side), row = (z * side + y) * (side / 2 + 1);
        for (int64_t x = 0; x <= side / 2; x++) {
          if (double(sz * sz + sy * sy + x * x) > limit) break;
          c10::complex<double> value = 0;
          double total = 0;
          const auto *m = matrices.const_data_ptr<float>();
          for (int64_t k = 0; k < count; k++, m += 9) {
            between.add(m[6] * x + m[7] * sy + m[8] * sz, m[3] * x + m[4] * sy + m[5] * sz,
                        m[0] * x + m[1] * sy + m[2] * sz, value, total);
          }
          // Reading adds the mirrored conjugate of the plane x = 0, which here is the same again.
          const double share = x == 0 ? 0.5 : 1;
          re[row + x] = static_cast<scalar_t>(share * value.real());
          im[row + x] = static_cast<scalar_t>(share * value.imag());
          den[row + x] = static_cast<scalar_t>(share * total);
        }
      }
    }
  });
}

// Mean weight per voxel in the shells of radius 0, 1 ... D/2, float64 [D/2 + 1]; shells are `padding` voxels
// wide.
at::Tensor shellWeights(const at::Tensor &weight, int64_t padding) {
  const int64_t side = weight.size(0), shells = side / padding / 2 + 1;
  checkSums(weight, weight, weight, side);
  at::Tensor total = at::zeros({side, shells}, at::kDouble), count = at::zeros({side, shells}, at::kDouble);
  auto *sum = total.mutable_data_ptr<double>(), *number = count.mutable_data_ptr<double>();
  AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "shell_weights", [&] {
    const auto *w = weight.const_data_ptr<scalar_t>();
    const Sums<scalar_t> sums{w, w, w, side};
    at::parallel_for(0, side, 1, [&](int64_t begin, int64_t end) {
      for (int64_t z = begin; z < end; z++) {
        const int64_t sz = signedIndex(z, side);
        for (int64_t y = 0; y < side; y++) {
          const int64_t sy = signedIndex(y, side), row = (z * side + y) * (side / 2 + 1);
          for (int64_t x = 0; x <= side / 2; x++) {
            const auto shell = std::lround(std::sqrt(double(sz * sz + sy * sy + x * x)) / double(padding));
            if (shell >= shells) continue;
            const double copies = x == 0 || x == side / 2 ? 1 : 2;
            sum[z * shells + shell] += copies * sums.weightAt(row, z, y, x);
            number[z * shells + shell] += copies;
          }
        }
      }
    });
  });
  return at::div(total.sum(0), count.sum(0));
}

// The transform of a volume whose centre is voxel P/2: sums / max(weight + extra, least), complex64 [P, P,
// P/2 + 1].
//   extra, least   float64 [D/2 + 1], by shell, with straight lines between; frequencies beyond maximumRadius
//   are 0
at::Tensor divideSlices(const at::Tensor &real, const at::Tensor &imaginary, const at::Tensor &weight,
                        const at::Tensor &extra, const at::Tensor &least, int64_t padding,
                        double maximumRadius) {
  const int64_t side = weight.size(0), shells = side / padding / 2 + 1;
  checkSums(real, imaginary, weight, side);
  for (const at::Tensor *t : {&extra, &least}) {
    TORCH_CHECK(t->sizes() == at::IntArrayRef({shells}) && t->scalar_type() == at::kDouble &&
                    t->is_contiguous(),
                "divide_slices: one float64 value for each of ", shells, " shells");
  }
  at::Tensor result = at::zeros({side, side, side / 2 + 1}, at::kComplexFloat);
  auto *out = result.mutable_data_ptr<c10::complex<float>>();
  const auto *add = extra.const_data_ptr<double>(), *floor = least.const_data_ptr<double>();
  AT_DISPATCH_FLOATING_TYPES(real.scalar_type(), "divide_slices", [&] {
    const Sums<scalar_t> sums{real.const_data_ptr<scalar_t>(), imaginary.const_data_ptr<scalar_t>(),
                              weight.const_data_ptr<scalar_t>(), side};
    at::parallel_for(0, side, 1, [&](int64_t begin, int64_t end) {
      for (int64_t z = begin; z < end; z++) {
        const int64_t sz = signedIndex(z, side);
        for (int64_t y = 0; y < side; y++) {
          const int64_t sy = signedIndex(y, side), row = (z * side + y) * (side / 2 + 1);
          for (int64_t x = 0; x <= side / 2; x++) {
            const double radius = std::sqrt(double(sz * sz + sy * sy + x * x)) / double(padding);
            if (radius > maximumRadius) break;
            const auto low = static_cast<int64_t>(radius);
            const auto high = std::min<int64_t>(low + 1, shells - 1);
            const double t = radius - double(low);
            const double den = std::max(sums.weightAt(row, z, y, x) + (1 - t) * add[low] + t * add[high],
                                        (1 - t) * floor[low] + t * floor[high]);
            if (!(den > 0)) continue;
            const double sign = (sz + sy + x) & 1 ? -1 / den : 1 / den;
            const c10::complex<double> value = sums.valueAt(row, z, y, x);
            out[row + x] = {float(value.real() * sign), float(value.imag() * sign)};
          }
        }
      }
    });
  });
  return result;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("insert_slices(Tensor(a!) real, Tensor(b!) imaginary, Tensor(c!) weight, Tensor images, Tensor ctf, "
        "Tensor rotations, Tensor weights, int padding, float maximum_radius, "
        "int part=0, int parts=1) -> ()");
  m.def("symmetrise_slices(Tensor(a!) symmetric_real, Tensor(b!) symmetric_imaginary, "
        "Tensor(c!) symmetric_weight, Tensor real, Tensor imaginary, Tensor weight, Tensor rotations, "
        "int padding, float maximum_radius, int part=0, int parts=1) -> ()");
  m.def("shell_weights(Tensor weight, int padding) -> Tensor");
  m.def("divide_slices(Tensor real, Tensor imaginary, Tensor weight, Tensor extra, Tensor least, "
        "int padding, float maximum_radius) -> Tensor");
}

TORCH_LIBRARY_IMPL(dsd, CPU, m) {
  m.impl("insert_slices", insertSlices);
  m.impl("symmetrise_slices", symmetriseSlices);
  m.impl("shell_weights", shellWeights);
  m.impl("divide_slices", divideSlices);
}
