// Layers of kernel 4, stride 2, padding 1 between a coarse cube of side r and a fine one of side f = 2r or 2r + 1, on
// the CPU: the transposed convolution (coarse -> fine), the convolution (fine -> coarse), and the gradient of the
// weights that both share. Channels are the fastest side of every tensor; weights are [coarse channels, fine channels,
// 4, 4, 4] for both.
#pragma once
#include <ATen/core/Tensor.h>

namespace dsd {
/// For each row (z, y) of the coarse cube, int32 [r * r]: the range of x that has a part; undefined: all.
struct CoarseRows {
  at::Tensor from, to;
};

/// Throws where ranges are not those of a coarse cube of side r. On CUDA their values are kept to the cube by the kernels:
/// asking here would wait for the device.
CoarseRows checked_rows(const at::Tensor &from, const at::Tensor &to, int64_t r);

/// The same for kernels.
struct RowRanges {
  const int32_t *from = nullptr, *to = nullptr;
  int64_t r;
  RowRanges(const CoarseRows &rows, int64_t side) : r(side) {
    if (rows.from.defined()) from = rows.from.const_data_ptr<int32_t>(), to = rows.to.const_data_ptr<int32_t>();
  }
  int64_t first(int64_t row) const { return from ? from[row] : 0; }
  int64_t last(int64_t row) const { return to ? to[row] : r; }
};

/// bias [channels of the result] may be undefined; the activation is x where x > 0, else slope x.
struct Activation {
  at::Tensor bias;
  double slope = 1;
};

/// Whether the kernels take such channels.
constexpr bool cube_layer_fits(int64_t coarse, int64_t fine) {
  return coarse % 4 == 0 && (fine % 4 == 0 || fine == 1);
}

/// coarse [B, r, r, r, a], weight [a, b, 4, 4, 4] -> [B, f, f, f, b].
at::Tensor to_fine_cpu(const at::Tensor &coarse, const at::Tensor &weight, int64_t f, const Activation &activation,
                       const CoarseRows &rows);

/// fine [B, f, f, f, b], weight [a, b, 4, 4, 4] -> [B, r, r, r, a]; zero outside the rows.
at::Tensor to_coarse_cpu(const at::Tensor &fine, const at::Tensor &weight, const Activation &activation,
                         const CoarseRows &rows);

/// Sum over images and places of coarse x fine: the gradient of the weight, [a, b, 4, 4, 4].
at::Tensor cube_weight_gradient_cpu(const at::Tensor &coarse, const at::Tensor &fine, const CoarseRows &rows);

/// gradient where output > 0, else slope times it; and its sum over everything but the channels.
std::tuple<at::Tensor, at::Tensor> activation_gradient_cpu(const at::Tensor &gradient, const at::Tensor &output,
                                                           double slope);
} // namespace dsd
