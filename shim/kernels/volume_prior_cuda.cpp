// The volume priors on CUDA devices: one pass over the volume for both sums, one for the gradient of both, which every
// voxel gathers from its own differences and those of the three voxels after it.
#include "volume_prior_cuda.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "cuda_program.h"

namespace dsd {
namespace {
CudaProgram program(R"cuda(
/// Differences to the voxels before, and one over the variation.
struct Slopes {
  Real dx, dy, dz, square, inverse;
};

__device__ Slopes slopesAt(const Real *v, int T) {
  const Real dx = v[0] - v[-1], dy = v[0] - v[-T], dz = v[0] - v[-T * T];
  const Real square = Real(1e-8) + dx * dx + dy * dy + dz * dz;
  return {dx, dy, dz, square, rsqrt(square)};
}

/// A warp has a row (z, y) at a time.
extern "C" __global__ void sums(const Real *volumes, int T, int lo, int hi, double *out) {
  const Real *v = volumes + (long long)blockIdx.y * T * T * T;
  const int side = hi - lo, warps = blockDim.x / 32, lane = threadIdx.x % 32;
  double tv = 0, l1 = 0;
  for (int row = blockIdx.x * warps + threadIdx.x / 32; row < side * side; row += gridDim.x * warps) {
    const Real *p = v + ((long long)(lo + row / side) * T + lo + row % side) * T;
    Real rowTV = 0, rowL1 = 0;
    for (int x = lo + lane; x < hi; x += 32) {
      const Slopes s = slopesAt(p + x, T);
      rowTV += s.square * s.inverse;
      rowL1 += fabs(p[x]);
    }
    tv += rowTV;
    l1 += rowL1;
  }
  for (int other = 16; other > 0; other /= 2) {
    tv += __shfl_down_sync(0xffffffffu, tv, other);
    l1 += __shfl_down_sync(0xffffffffu, l1, other);
  }
  if (lane == 0) {
    atomicAdd(out + 2 * blockIdx.y, tv);
    atomicAdd(out + 2 * blockIdx.y + 1, l1);
  }
}

extern "C" __global__ void gradient(const Real *volumes, const Real *weightTV, const Real *weightL1, int T, int lo, int hi,
                                    Real *out) {
  const int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, y = row % T, z = row / T;
  if (z >= T) return;
  const long long start = ((long long)blockIdx.y * T * T + row) * T;
  const bool inY = y >= lo && y < hi, inZ = z >= lo && z < hi;
  const bool nextY = inZ && y + 1 >= lo && y + 1 < hi, nextZ = inY && z + 1 >= lo && z + 1 < hi;
  const Real tv = weightTV[blockIdx.y], l1 = weightL1[blockIdx.y];
  for (int x = threadIdx.x % 32; x < T; x += 32) {
    const Real *p = volumes + start + x;
    const bool inX = x >= lo && x < hi;
    Real sum = 0;
    if (inX && inY && inZ) {
      const Slopes s = slopesAt(p, T);
      sum += tv * s.inverse * (s.dx + s.dy + s.dz) + (*p > 0 ? l1 : *p < 0 ? -l1 : Real(0));
    }
    if (inY && inZ && x + 1 >= lo && x + 1 < hi) {
      const Slopes s = slopesAt(p + 1, T);
      sum -= tv * s.inverse * s.dx;
    }
    if (inX && nextY) {
      const Slopes s = slopesAt(p + T, T);
      sum -= tv * s.inverse * s.dy;
    }
    if (inX && nextZ) {
      const Slopes s = slopesAt(p + T * T, T);
      sum -= tv * s.inverse * s.dz;
    }
    out[start + x] = sum;
  }
}
)cuda");
} // namespace

at::Tensor volume_prior_sums_cuda(const at::Tensor &volumes, int64_t lo, int64_t hi) {
  const int64_t batch = volumes.size(0), side = hi - lo;
  auto out = at::zeros({batch, 2}, volumes.options().dtype(at::kDouble));
  const int64_t perVolume = std::min<int64_t>(blocks(side * side, 8), 256);
  program.launch(volumes.device(), volumes.scalar_type(), "sums", {perVolume, batch}, volumes.const_data_ptr(),
                 (int)volumes.size(1), (int)lo, (int)hi, out.mutable_data_ptr());
  return out;
}

at::Tensor volume_prior_gradient_cuda(const at::Tensor &volumes, const at::Tensor &weightTV, const at::Tensor &weightL1,
                                      int64_t lo, int64_t hi) {
  auto out = at::empty_like(volumes);
  program.launch(volumes.device(), volumes.scalar_type(), "gradient", {blocks(volumes.size(1) * volumes.size(1), 8), volumes.size(0)},
                 volumes.const_data_ptr(), weightTV.const_data_ptr(), weightL1.const_data_ptr(), (int)volumes.size(1), (int)lo,
                 (int)hi, out.mutable_data_ptr());
  return out;
}
} // namespace dsd
