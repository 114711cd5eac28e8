// The decoder's last layer on CUDA devices. Along each side the outputs 2m + 1 and 2m + 2 come from the inputs m and m + 1
// alone, with tap 2 (1 - a) + b for input m + a and output 2m + 1 + b: a thread makes such a cube of 2^3 outputs from
// 2^3 inputs. Sums are kept in float32; those of the weights' gradient are added by atomic additions, in no fixed order.
#include "density_layer_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "cuda_program.h"

namespace dsd {
namespace {
CudaProgram program(R"cuda(
constexpr int C = CHANNELS;
#ifdef BFLOAT16
typedef unsigned short Stored;
__device__ Real wide(Stored v) { return __uint_as_float((unsigned)v << 16); }
__device__ Stored narrow(Real v) { // to the nearest, ties to even
  const unsigned bits = __float_as_uint(v);
  return v != v ? (Stored)0x7fc0 : (Stored)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
#else
typedef Real Stored;
__device__ Real wide(Stored v) { return v; }
__device__ Stored narrow(Real v) { return v; }
#endif

/// Values that a thread reads or writes at once: at most 16 bytes.
constexpr int most = 16 / sizeof(Stored);
constexpr int W = C % most == 0 ? most : C % 4 == 0 && most > 4 ? 4 : C % 2 == 0 ? 2 : 1;
struct alignas(W * sizeof(Stored)) Pack {
  Stored v[W];
};

struct Rows {
  const int *from, *to;
  __device__ bool holds(int r, int z, int y, int x) const {
    return z >= 0 && y >= 0 && x >= 0 && z < r && y < r && x < r && x >= from[z * r + y] && x < to[z * r + y];
  }
};

extern "C" __global__ void __launch_bounds__(128) forward(const Stored *x, const Real *weight, const int *from, const int *to,
                                                          int r, Real *out) {
  __shared__ alignas(16) Real w[8 * C * 8]; // [input of the cube][channel][output of the cube]
  for (int i = threadIdx.x; i < 64 * C; i += blockDim.x) {
    const int b = i % 8, c = i / 8 % C, a = i / (8 * C);
    const int kz = 2 * (1 - a / 4) + b / 4, ky = 2 * (1 - a / 2 % 2) + b / 2 % 2, kx = 2 * (1 - a % 2) + b % 2;
    w[i] = weight[c * 64 + (kz * 4 + ky) * 4 + kx];
  }
  __syncthreads();
  const int side = r + 1, i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= side * side * side) return;
  const int mx = i % side - 1, my = i / side % side - 1, mz = i / (side * side) - 1;
  x += (long long)blockIdx.y * r * r * r * C;
  out += (long long)blockIdx.y * 8 * r * r * r;
  const Rows rows{from, to};
  Real sum[8] = {0};
#pragma unroll
  for (int a = 0; a < 8; a++) {
    const int z = mz + a / 4, y = my + a / 2 % 2, p = mx + a % 2;
    if (!rows.holds(r, z, y, p)) continue;
    const Stored *in = x + (((long long)z * r + y) * r + p) * C;
#pragma unroll (C <= 32 ? C / W : 1)
    for (int c = 0; c < C; c += W) {
      const Pack pack = *(const Pack *)(in + c);
#pragma unroll
      for (int j = 0; j < W; j++) {
        const Real v = wide(pack.v[j]);
        const Real *t = w + (a * C + c + j) * 8;
#pragma unroll
        for (int b = 0; b < 8; b++) sum[b] += v * t[b];
      }
    }
  }
  for (int b = 0; b < 8; b++) {
    const int oz = 2 * mz + 1 + b / 4, oy = 2 * my + 1 + b / 2 % 2, ox = 2 * mx + 1 + b % 2;
    if (oz >= 0 && oy >= 0 && ox >= 0 && oz < 2 * r && oy < 2 * r && ox < 2 * r)
      out[((long long)oz * 2 * r + oy) * 2 * r + ox] = sum[b];
  }
}

__device__ Real upstream(const Real *g, int r, int z, int y, int x) {
  const int s = 2 * r;
  return (unsigned)z < (unsigned)s && (unsigned)y < (unsigned)s && (unsigned)x < (unsigned)s
             ? g[((long long)z * s + y) * s + x] : Real(0);
}

extern "C" __global__ void __launch_bounds__(128) inputGradient(const Real *g, const Real *weight, const int *from,
                                                                const int *to, int r, Stored *gradient) {
  __shared__ alignas(16) Real w[64 * C]; // [tap][channel]
  for (int i = threadIdx.x; i < 64 * C; i += blockDim.x) w[i] = weight[i % C * 64 + i / C];
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= r * r * r) return;
  const int x = i % r, y = i / r % r, z = i / (r * r);
  g += (long long)blockIdx.y * 8 * r * r * r;
  Stored *out = gradient + ((long long)blockIdx.y * r * r * r + i) * C;
  const bool holds = Rows{from, to}.holds(r, z, y, x);
  constexpr int part = C < 16 ? C : 16; // channels held at a time
  for (int c0 = 0; c0 < C; c0 += part) {
    Real sum[part] = {0};
    if (holds)
      for (int k = 0; k < 64; k++) {
        const Real v = upstream(g, r, 2 * z - 1 + k / 16, 2 * y - 1 + k / 4 % 4, 2 * x - 1 + k % 4);
#pragma unroll
        for (int c = 0; c < part; c++)
          if (c0 + c < C) sum[c] += v * w[k * C + c0 + c];
      }
#pragma unroll
    for (int c = 0; c < part; c++)
      if (c0 + c < C) out[c0 + c] = narrow(sum[c]);
  }
}

constexpr int tile = sizeof(Real) == 8 ? 16 : 64;
constexpr int groups = (C + 3) / 4;                 // of four channels
constexpr int threads = groups < 4 ? 64 * groups : 256; // 64 taps times the groups that work at once
constexpr int passes = (groups * 64 + threads - 1) / threads;

/// Sums over all voxels of all volumes; a block goes through tiles of them.
extern "C" __global__ void __launch_bounds__(256) weightGradient(const Stored *x, const Real *g, const int *from, const int *to,
                                                                 int r, long long voxels, Real *gradient) {
  __shared__ Real patch[tile][64];
  __shared__ alignas(16) Real values[tile][groups * 4];
  const Rows rows{from, to};
  const int tap = threadIdx.x % 64, first = threadIdx.x / 64;
  Real sum[passes][4] = {{0}};
  for (long long start = (long long)blockIdx.x * tile; start < voxels; start += (long long)gridDim.x * tile) {
    __syncthreads();
    for (int i = threadIdx.x; i < tile * 64; i += threads) {
      const long long voxel = start + i / 64;
      const int k = i % 64, p = voxel % r, y = voxel / r % r, z = voxel / (r * r) % r;
      const long long volume = voxel / ((long long)r * r * r);
      patch[i / 64][k] = voxel < voxels && rows.holds(r, z, y, p)
                             ? upstream(g + volume * 8 * r * r * r, r, 2 * z - 1 + k / 16, 2 * y - 1 + k / 4 % 4, 2 * p - 1 + k % 4)
                             : Real(0);
    }
    for (int i = threadIdx.x; i < tile * groups * 4; i += threads) {
      const long long voxel = start + i / (groups * 4);
      const int c = i % (groups * 4);
      values[i / (groups * 4)][c] = voxel < voxels && c < C ? wide(x[voxel * C + c]) : Real(0);
    }
    __syncthreads();
#pragma unroll 4
    for (int v = 0; v < tile; v++) {
      const Real up = patch[v][tap];
#pragma unroll
      for (int pass = 0; pass < passes; pass++) {
        const int group = first + pass * (threads / 64);
        if (group < groups)
#pragma unroll
          for (int c = 0; c < 4; c++) sum[pass][c] += up * values[v][group * 4 + c];
      }
    }
  }
  for (int pass = 0; pass < passes; pass++)
    for (int c = 0; c < 4; c++) {
      const int channel = (first + pass * (threads / 64)) * 4 + c;
      if (channel < C) atomicAdd(gradient + channel * 64 + tap, sum[pass][c]);
    }
}
)cuda");

/// Threads of a block of `weightGradient`, as its text has them.
int64_t weightThreads(int64_t channels) { return std::min<int64_t>(256, 64 * ((channels + 3) / 4)); }
} // namespace

at::Tensor density_layer_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &from, const at::Tensor &to) {
  const int64_t batch = x.size(0), r = x.size(1), channels = x.size(4);
  auto out = at::empty({batch, 2 * r, 2 * r, 2 * r}, w.options());
  const Variant variant{x.scalar_type(), (int)channels};
  program.launch(x.device(), variant, "forward", {blocks((r + 1) * (r + 1) * (r + 1), 128), batch, 128}, x.const_data_ptr(),
                 w.const_data_ptr(), from.const_data_ptr(), to.const_data_ptr(), (int)r, out.mutable_data_ptr());
  return out;
}

std::pair<at::Tensor, at::Tensor> density_layer_gradients_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &g,
                                                               const at::Tensor &from, const at::Tensor &to) {
  const int64_t batch = x.size(0), r = x.size(1), channels = x.size(4), voxels = batch * r * r * r;
  auto gx = at::empty_like(x), gw = at::zeros_like(w);
  const Variant variant{x.scalar_type(), (int)channels};
  program.launch(x.device(), variant, "inputGradient", {blocks(r * r * r, 128), batch, 128}, g.const_data_ptr(), w.const_data_ptr(),
                 from.const_data_ptr(), to.const_data_ptr(), (int)r, gx.mutable_data_ptr());
  program.launch(x.device(), variant, "weightGradient",
                 {std::min<int64_t>(blocks(voxels, 64), 1024), 1, weightThreads(channels)}, x.const_data_ptr(), g.const_data_ptr(),
                 from.const_data_ptr(), to.const_data_ptr(), (int)r, voxels, gw.mutable_data_ptr());
  return {gx, gw};
}
} // namespace dsd
