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
struct Slopes {
  Real dx, dy, dz, norm;
};

__device__ Slopes slopesAt(const Real *v, int T) {
  const Real dx = v[0] - v[-1], dy = v[0] - v[-T], dz = v[0] - v[-T * T];
  return {dx, dy, dz, sqrt(Real(1e-8) + dx * dx + dy * dy + dz * dz)};
}

extern "C" __global__ void sums(const Real *volumes, int T, int lo, int hi, double *out) {
  const Real *v = volumes + (long long)blockIdx.y * T * T * T;
  const int side = hi - lo;
  double tv = 0, l1 = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < side * side * side; i += gridDim.x * blockDim.x) {
    const int x = lo + i % side, y = lo + i / side % side, z = lo + i / (side * side);
    const Real *p = v + ((long long)z * T + y) * T + x;
    tv += slopesAt(p, T).norm;
    l1 += fabs(*p);
  }
  for (int lane = 16; lane > 0; lane /= 2) {
    tv += __shfl_down_sync(0xffffffffu, tv, lane);
    l1 += __shfl_down_sync(0xffffffffu, l1, lane);
  }
  if (threadIdx.x % 32 == 0) {
    atomicAdd(out + 2 * blockIdx.y, tv);
    atomicAdd(out + 2 * blockIdx.y + 1, l1);
  }
}

extern "C" __global__ void gradient(const Real *volumes, const Real *weightTV, const Real *weightL1, int T, int lo, int hi,
                                    Real *out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= T * T * T) return;
  const int x = i % T, y = i / T % T, z = i / (T * T);
  const Real *p = volumes + (long long)blockIdx.y * T * T * T + i;
  const bool inX = x >= lo && x < hi, inY = y >= lo && y < hi, inZ = z >= lo && z < hi;
  const Real tv = weightTV[blockIdx.y], l1 = weightL1[blockIdx.y];
  Real sum = 0;
  if (inX && inY && inZ) {
    const Slopes s = slopesAt(p, T);
    sum += tv / s.norm * (s.dx + s.dy + s.dz) + (*p > 0 ? l1 : *p < 0 ? -l1 : Real(0));
  }
  if (inY && inZ && x + 1 >= lo && x + 1 < hi) {
    const Slopes s = slopesAt(p + 1, T);
    sum -= tv / s.norm * s.dx;
  }
  if (inX && inZ && y + 1 >= lo && y + 1 < hi) {
    const Slopes s = slopesAt(p + T, T);
    sum -= tv / s.norm * s.dy;
  }
  if (inX && inY && z + 1 >= lo && z + 1 < hi) {
    const Slopes s = slopesAt(p + T * T, T);
    sum -= tv / s.norm * s.dz;
  }
  out[(long long)blockIdx.y * T * T * T + i] = sum;
}
)cuda");
} // namespace

at::Tensor volume_prior_sums_cuda(const at::Tensor &volumes, int64_t lo, int64_t hi) {
  const int64_t batch = volumes.size(0), side = hi - lo;
  auto out = at::zeros({batch, 2}, volumes.options().dtype(at::kDouble));
  const int64_t perVolume = std::min<int64_t>(blocks(side * side * side), 256);
  program.launch(volumes.device(), volumes.scalar_type(), "sums", {perVolume, batch}, volumes.const_data_ptr(),
                 (int)volumes.size(1), (int)lo, (int)hi, out.mutable_data_ptr());
  return out;
}

at::Tensor volume_prior_gradient_cuda(const at::Tensor &volumes, const at::Tensor &weightTV, const at::Tensor &weightL1,
                                      int64_t lo, int64_t hi) {
  auto out = at::empty_like(volumes);
  program.launch(volumes.device(), volumes.scalar_type(), "gradient", {blocks(volumes[0].numel()), volumes.size(0)},
                 volumes.const_data_ptr(), weightTV.const_data_ptr(), weightL1.const_data_ptr(), (int)volumes.size(1), (int)lo,
                 (int)hi, out.mutable_data_ptr());
  return out;
}
} // namespace dsd
