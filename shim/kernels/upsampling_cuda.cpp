// Along each side the outputs 2m + 1 and 2m + 2 come from the inputs m and m + 1 alone, with tap 2 (1 - a) + b for input
// m + a and output 2m + 1 + b: a thread makes such a cube of 2^3 outputs from 2^3 inputs. Sums are kept in float32; those
// of the weights' gradient are added by atomic additions, in no fixed order.
#include "upsampling_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "cuda_program.h"

namespace dsd {
namespace {
CudaProgram program(R"cuda(
constexpr int C = CHANNELS, O = OUTPUTS;
#ifdef BFLOAT16
typedef unsigned short Stored;
__device__ Real wide(Stored v) { return __uint_as_float((unsigned)v << 16); }
__device__ void narrow(Real v, Stored &out) { // to the nearest, ties to even
  const unsigned bits = __float_as_uint(v);
  out = v != v ? (Stored)0x7fc0 : (Stored)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
#else
typedef Real Stored;
#endif
__device__ Real wide(Real v) { return v; }
__device__ void narrow(Real v, Real &out) { out = v; }

/// One output channel is a density in full precision.
template <bool one> struct OutputType { typedef Stored Type; };
template <> struct OutputType<true> { typedef Real Type; };
typedef OutputType<O == 1>::Type Output;

/// `count` values that are read or written at once.
template <typename T, int count> struct alignas(count * sizeof(T)) Pack {
  T v[count];
};
/// Of `n` values those that make 16 bytes at most.
template <typename T> __host__ __device__ constexpr int width(int n) {
  int w = 16 / sizeof(T);
  while (n % w) w /= 2;
  return w;
}
constexpr int W = width<Stored>(C), V = width<Output>(O);

struct Rows {
  const int *from, *to;
  __device__ bool holds(int r, int z, int y, int x) const {
    if (z < 0 || y < 0 || x < 0 || z >= r || y >= r || x >= r) return false;
    return !from || (x >= from[z * r + y] && x < to[z * r + y]);
  }
};

extern "C" __global__ void __launch_bounds__(128) forward(const Stored *x, const Real *weight, const Real *bias, const int *from,
                                                          const int *to, int r, Output *out) {
  __shared__ alignas(16) Real w[8 * C * 8 * O]; // [input of the cube][channel][output of the cube][output channel]
  for (int i = threadIdx.x; i < 64 * C * O; i += blockDim.x) {
    const int o = i % O, b = i / O % 8, c = i / (8 * O) % C, a = i / (8 * O * C);
    const int kz = 2 * (1 - a / 4) + b / 4, ky = 2 * (1 - a / 2 % 2) + b / 2 % 2, kx = 2 * (1 - a % 2) + b % 2;
    w[i] = weight[(c * O + o) * 64 + (kz * 4 + ky) * 4 + kx];
  }
  __syncthreads();
  const int side = r + 1, i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= side * side * side) return;
  const int mx = i % side - 1, my = i / side % side - 1, mz = i / (side * side) - 1;
  x += (long long)blockIdx.y * r * r * r * C;
  out += (long long)blockIdx.y * 8 * r * r * r * O;
  const Rows rows{from, to};
  Real sum[8 * O] = {0};
#pragma unroll 1
  for (int a = 0; a < 8; a++) {
    const int z = mz + a / 4, y = my + a / 2 % 2, p = mx + a % 2;
    if (!rows.holds(r, z, y, p)) continue;
    const Stored *in = x + (((long long)z * r + y) * r + p) * C;
#pragma unroll (C <= 16 ? C / W : 1)
    for (int c = 0; c < C; c += W) {
      const Pack<Stored, W> pack = *(const Pack<Stored, W> *)(in + c);
#pragma unroll
      for (int j = 0; j < W; j++) {
        const Real v = wide(pack.v[j]);
        const Real *t = w + (a * C + c + j) * 8 * O;
#pragma unroll
        for (int b = 0; b < 8 * O; b++) sum[b] += v * t[b];
      }
    }
  }
#pragma unroll
  for (int b = 0; b < 8; b++) {
    const int oz = 2 * mz + 1 + b / 4, oy = 2 * my + 1 + b / 2 % 2, ox = 2 * mx + 1 + b % 2;
    if (oz < 0 || oy < 0 || ox < 0 || oz >= 2 * r || oy >= 2 * r || ox >= 2 * r) continue;
    Output *place = out + (((long long)oz * 2 * r + oy) * 2 * r + ox) * O;
#pragma unroll
    for (int o = 0; o < O; o += V) {
      Pack<Output, V> pack;
#pragma unroll
      for (int j = 0; j < V; j++) narrow(sum[b * O + o + j] + (bias ? bias[o + j] : Real(0)), pack.v[j]);
      *(Pack<Output, V> *)(place + o) = pack;
    }
  }
}

/// All output channels of one place of the upstream gradient; zero outside.
struct Upstream {
  Output v[O];
};
__device__ Upstream upstream(const Output *g, int r, int z, int y, int x) {
  const int s = 2 * r;
  Upstream found;
  const bool inside = (unsigned)z < (unsigned)s && (unsigned)y < (unsigned)s && (unsigned)x < (unsigned)s;
  const Output *place = g + (((long long)z * s + y) * s + x) * O;
#pragma unroll
  for (int o = 0; o < O; o += V) {
    Pack<Output, V> pack;
    if (inside) pack = *(const Pack<Output, V> *)(place + o);
#pragma unroll
    for (int j = 0; j < V; j++) found.v[o + j] = inside ? pack.v[j] : Output(0);
  }
  return found;
}

extern "C" __global__ void __launch_bounds__(128) inputGradient(const Output *g, const Real *weight, const int *from,
                                                                const int *to, int r, Stored *gradient) {
  __shared__ alignas(16) Real w[64 * O * C]; // [tap][output channel][channel]
  for (int i = threadIdx.x; i < 64 * O * C; i += blockDim.x) w[i] = weight[(i % C * O + i / C % O) * 64 + i / (C * O)];
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= r * r * r) return;
  const int x = i % r, y = i / r % r, z = i / (r * r);
  g += (long long)blockIdx.y * 8 * r * r * r * O;
  Stored *out = gradient + ((long long)blockIdx.y * r * r * r + i) * C;
  const bool holds = Rows{from, to}.holds(r, z, y, x);
  constexpr int part = C < 16 ? C : 16; // channels held at a time
  for (int c0 = 0; c0 < C; c0 += part) {
    Real sum[part] = {0};
    if (holds)
#pragma unroll 4
      for (int k = 0; k < 64; k++) {
        const Upstream up = upstream(g, r, 2 * z - 1 + k / 16, 2 * y - 1 + k / 4 % 4, 2 * x - 1 + k % 4);
#pragma unroll
        for (int o = 0; o < O; o++) {
          const Real v = wide(up.v[o]);
#pragma unroll
          for (int c = 0; c < part; c++)
            if (c0 + c < C) sum[c] += v * w[(k * O + o) * C + c0 + c];
        }
      }
#pragma unroll
    for (int c = 0; c < part; c++)
      if (c0 + c < C) narrow(sum[c], out[c0 + c]);
  }
}

constexpr int groups = (C + 3) / 4;                     // of four channels
constexpr int threads = groups < 4 ? 64 * groups : 256; // 64 taps times the groups that work at once
constexpr int passes = (groups * 64 + threads - 1) / threads;
constexpr int tile = (int)(sizeof(Output) * O) <= 4 ? 64 : (int)(sizeof(Output) * O) <= 16 ? 16 : 8;

/// Sums over all voxels of all volumes; a block goes through tiles of them.
extern "C" __global__ void __launch_bounds__(256) weightGradient(const Stored *x, const Output *g, const int *from, const int *to,
                                                                 int r, long long voxels, Real *gradient) {
  __shared__ alignas(16) Upstream patch[tile][64];
  __shared__ alignas(16) Real values[tile][groups * 4];
  __shared__ int4 places[tile]; // z, y, x of the voxel's first tap; volume, or -1 for a voxel without part
  const Rows rows{from, to};
  const int tap = threadIdx.x % 64, first = threadIdx.x / 64;
  Real sum[passes][4][O] = {{{0}}};
  for (long long start = (long long)blockIdx.x * tile; start < voxels; start += (long long)gridDim.x * tile) {
    __syncthreads();
    if (threadIdx.x < tile) {
      const long long voxel = start + threadIdx.x;
      const int volume = (int)(voxel / ((long long)r * r * r)), i = (int)(voxel - (long long)volume * r * r * r);
      const int p = i % r, y = i / r % r, z = i / (r * r);
      const bool holds = voxel < voxels && rows.holds(r, z, y, p);
      places[threadIdx.x] = make_int4(2 * z - 1, 2 * y - 1, 2 * p - 1, holds ? volume : -1);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < tile * 64; i += threads) {
      const int k = i % 64;
      const int4 at = places[i / 64];
      if (at.w < 0)
        for (int o = 0; o < O; o++) patch[i / 64][k].v[o] = Output(0);
      else
        patch[i / 64][k] = upstream(g + (long long)at.w * 8 * r * r * r * O, r, at.x + k / 16, at.y + k / 4 % 4, at.z + k % 4);
    }
    for (int i = threadIdx.x; i < tile * groups * 4; i += threads) {
      const long long voxel = start + i / (groups * 4);
      const int c = i % (groups * 4);
      values[i / (groups * 4)][c] = voxel < voxels && c < C ? wide(x[voxel * C + c]) : Real(0);
    }
    __syncthreads();
#pragma unroll 2
    for (int v = 0; v < tile; v++) {
      const Upstream up = patch[v][tap];
#pragma unroll
      for (int pass = 0; pass < passes; pass++) {
        const int group = first + pass * (threads / 64);
        if (group < groups)
#pragma unroll
          for (int c = 0; c < 4; c++) {
            const Real value = values[v][group * 4 + c];
#pragma unroll
            for (int o = 0; o < O; o++) sum[pass][c][o] += value * wide(up.v[o]);
          }
      }
    }
  }
  for (int pass = 0; pass < passes; pass++)
    for (int c = 0; c < 4; c++) {
      const int channel = (first + pass * (threads / 64)) * 4 + c;
      if (channel < C)
        for (int o = 0; o < O; o++) atomicAdd(gradient + (channel * O + o) * 64 + tap, sum[pass][c][o]);
    }
}
)cuda");

/// Threads of a block of `weightGradient`, as its text has them.
int64_t weightThreads(int64_t channels) { return std::min<int64_t>(256, 64 * ((channels + 3) / 4)); }

const void *data(const at::Tensor &t) { return t.defined() ? t.const_data_ptr() : nullptr; }
} // namespace

at::Tensor upsampling_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &bias, const at::Tensor &from,
                           const at::Tensor &to) {
  const int64_t batch = x.size(0), r = x.size(1), channels = x.size(4), outputs = w.size(1);
  auto out = at::empty({batch, 2 * r, 2 * r, 2 * r, outputs}, outputs == 1 ? w.options() : x.options());
  program.launch(x.device(), {x.scalar_type(), (int)channels, (int)outputs}, "forward",
                 {blocks((r + 1) * (r + 1) * (r + 1), 128), batch, 128}, data(x), data(w), data(bias), data(from), data(to),
                 (int)r, out.mutable_data_ptr());
  return out;
}

std::tuple<at::Tensor, at::Tensor> upsampling_gradients_cuda(const at::Tensor &x, const at::Tensor &w, const at::Tensor &g,
                                                             const at::Tensor &from, const at::Tensor &to) {
  const int64_t batch = x.size(0), r = x.size(1), channels = x.size(4), voxels = batch * r * r * r;
  auto gx = at::empty_like(x), gw = at::zeros_like(w);
  const Variant variant{x.scalar_type(), (int)channels, (int)w.size(1)};
  program.launch(x.device(), variant, "inputGradient", {blocks(r * r * r, 128), batch, 128}, data(g), data(w), data(from),
                 data(to), (int)r, gx.mutable_data_ptr());
  program.launch(x.device(), variant, "weightGradient",
                 {std::min<int64_t>(blocks(voxels, 64), 1056), 1, weightThreads(channels)}, data(x), data(g), data(from), data(to),
                 (int)r, voxels, gw.mutable_data_ptr());
  return {gx, gw};
}
} // namespace dsd
