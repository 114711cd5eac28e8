// Projector, look-up and rotation gradient on CUDA devices. A thread holds one voxel and goes through images. Sums of
// the projector are made by atomic additions, whose order is not fixed: two runs may differ by rounding.
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "cuda_program.h"
#include "projector.h"

namespace dsd {
namespace {
// Coordinates about index box / 2. Places outside the image have no part; a voxel index outside its volume neither.
CudaProgram program(R"cuda(
struct Voxel {
  Real x, y, z, weight;
  long long index;
};

/// The voxel of thread `i`; its index is -1 where there is none.
__device__ Voxel voxelOf(const int *index, const Real *voxels, long long n, long long size, long long i) {
  if (i >= n) return {0, 0, 0, 0, -1};
  const long long at = index[i];
  return {voxels[i], voxels[n + i], voxels[2 * n + i], voxels[3 * n + i], at < size ? at : -1};
}

struct Place {
  int u, v;      // upper left pixel
  Real fu, fv;   // fractions to the right and downwards
};

__device__ Place placeOf(const Voxel &voxel, const Real *r, int box) {
  const Real u = r[0] * voxel.x + r[1] * voxel.y + r[2] * voxel.z + Real(box / 2);
  const Real v = r[3] * voxel.x + r[4] * voxel.y + r[5] * voxel.z + Real(box / 2);
  const Real u0 = floor(u), v0 = floor(v);
  return {(int)u0, (int)v0, u - u0, v - v0};
}

__device__ Real pixel(const Real *image, int box, int v, int u) {
  return (unsigned)u < (unsigned)box && (unsigned)v < (unsigned)box ? image[v * box + u] : Real(0);
}

/// What voxels give to the four pixels around a cell: one addition for each voxel, where the device has it.
struct alignas(4 * sizeof(Real)) Cell {
  Real v[4]; // upper left, upper right, lower left, lower right
};

__device__ void add(Cell *cell, Real a, Real b, Real c, Real d) {
#if __CUDA_ARCH__ >= 900
  if (sizeof(Real) == 4) {
    asm volatile("red.global.add.v4.f32 [%0], {%1, %2, %3, %4};"
                 :: "l"(cell), "f"((float)a), "f"((float)b), "f"((float)c), "f"((float)d) : "memory");
    return;
  }
#endif
  atomicAdd(cell->v, a);
  atomicAdd(cell->v + 1, b);
  atomicAdd(cell->v + 2, c);
  atomicAdd(cell->v + 3, d);
}

/// volumes [batch, size], `stride` apart -> cells [batch, poses, box + 1, box + 1] from (-1, -1) on, zero before.
extern "C" __global__ void project(const Real *volumes, long long stride, const Real *rotations, const int *index,
                                   const Real *voxels, long long n, long long size, int batch, int poses, int box, Cell *cells) {
  const Voxel voxel = voxelOf(index, voxels, n, size, (long long)blockIdx.x * blockDim.x + threadIdx.x);
  if (voxel.index < 0) return;
  for (int b = blockIdx.y; b < batch; b += gridDim.y) {
    const Real value = volumes[b * stride + voxel.index] * voxel.weight;
    for (int k = b * poses; k < (b + 1) * poses; k++) {
      const Place p = placeOf(voxel, rotations + 9 * k, box);
      if (p.u < -1 || p.v < -1 || p.u >= box || p.v >= box) continue;
      const Real right = value * p.fu, left = value - right;
      const Real rightBelow = right * p.fv, leftBelow = left * p.fv;
      const long long side = box + 1;
      add(cells + (k * side + p.v + 1) * side + p.u + 1, left - leftBelow, right - rightBelow, leftBelow, rightBelow);
    }
  }
}

/// cells -> images [batch * poses, box, box].
extern "C" __global__ void fold(const Cell *cells, int box, Real *images) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= box * box) return;
  const int side = box + 1;
  const Cell *c = cells + ((long long)blockIdx.y * side + i / box) * side + i % box;
  images[(long long)blockIdx.y * box * box + i] = c[side + 1].v[0] + c[side].v[1] + c[1].v[2] + c[0].v[3];
}

/// images [batch, poses, box, box] -> volumes [batch, size], zero before.
extern "C" __global__ void lookup(const Real *images, const Real *rotations, const int *index, const Real *voxels,
                                  long long n, long long size, int batch, int poses, int box, Real *volumes) {
  const Voxel voxel = voxelOf(index, voxels, n, size, (long long)blockIdx.x * blockDim.x + threadIdx.x);
  if (voxel.index < 0) return;
  for (int b = blockIdx.y; b < batch; b += gridDim.y) {
    Real sum = 0;
    for (int k = b * poses; k < (b + 1) * poses; k++) {
      const Place p = placeOf(voxel, rotations + 9 * k, box);
      const Real *image = images + (long long)k * box * box;
      const Real a = pixel(image, box, p.v, p.u), c = pixel(image, box, p.v + 1, p.u);
      const Real top = a + p.fu * (pixel(image, box, p.v, p.u + 1) - a);
      const Real below = c + p.fu * (pixel(image, box, p.v + 1, p.u + 1) - c);
      sum += top + p.fv * (below - top);
    }
    volumes[b * size + voxel.index] = sum * voxel.weight;
  }
}

/// d(sum(images * projections)) / d rotations, summed into `gradient` [batch, poses, 9], zero before.
extern "C" __global__ void slopes(const Real *images, const Real *volumes, long long stride, const Real *rotations,
                                  const int *index, const Real *voxels, long long n, long long size, int poses, int box,
                                  double *gradient) {
  const int k = blockIdx.y;
  const Real *image = images + (long long)k * box * box, *volume = volumes + (k / poses) * stride;
  double sum[6] = {0, 0, 0, 0, 0, 0};
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
    const Voxel voxel = voxelOf(index, voxels, n, size, i);
    if (voxel.index < 0) continue;
    const Place p = placeOf(voxel, rotations + 9 * k, box);
    const Real a = pixel(image, box, p.v, p.u), b = pixel(image, box, p.v, p.u + 1);
    const Real c = pixel(image, box, p.v + 1, p.u), d = pixel(image, box, p.v + 1, p.u + 1);
    const Real value = volume[voxel.index] * voxel.weight;
    const Real du = value * ((b - a) * (1 - p.fv) + (d - c) * p.fv);
    const Real dv = value * ((c - a) * (1 - p.fu) + (d - b) * p.fu);
    sum[0] += du * voxel.x, sum[1] += du * voxel.y, sum[2] += du * voxel.z;
    sum[3] += dv * voxel.x, sum[4] += dv * voxel.y, sum[5] += dv * voxel.z;
  }
  for (int j = 0; j < 6; j++) {
    for (int lane = 16; lane > 0; lane /= 2) sum[j] += __shfl_down_sync(0xffffffffu, sum[j], lane);
    if (threadIdx.x % 32 == 0) atomicAdd(gradient + 9 * k + j, sum[j]);
  }
}
)cuda");

/// Whole volumes, `stride` values apart: 0 where one volume stands for all.
struct Volumes {
  at::Tensor tensor;
  int64_t stride;

  explicit Volumes(const at::Tensor &given) {
    const bool one = given.size(0) > 1 && given.stride(0) == 0 && given.select(0, 0).is_contiguous();
    tensor = one ? given : given.contiguous();
    stride = tensor.stride(0);
  }
};

const void *data(const at::Tensor &t) { return t.const_data_ptr(); }

/// Blocks along the batch: a thread's voxel serves several images.
int64_t rows(int64_t batch) { return std::max<int64_t>(1, (batch + 7) / 8); }
} // namespace

at::Tensor project_cuda(const at::Tensor &volumes, const at::Tensor &rotations, const at::Tensor &index,
                        const at::Tensor &voxels, int64_t box) {
  const Volumes v(volumes);
  const auto r = rotations.contiguous();
  const int64_t batch = r.size(0), poses = r.size(1), n = index.numel();
  auto cells = at::zeros({batch, poses, box + 1, box + 1, 4}, volumes.options());
  auto out = at::empty({batch, poses, box, box}, volumes.options());
  program.launch(out.device(), out.scalar_type(), "project", {blocks(n), rows(batch)}, data(v.tensor), v.stride, data(r),
                 data(index), data(voxels), n, volumes[0].numel(), (int)batch, (int)poses, (int)box, cells.mutable_data_ptr());
  program.launch(out.device(), out.scalar_type(), "fold", {blocks(box * box), batch * poses}, data(cells), (int)box,
                 out.mutable_data_ptr());
  return out;
}

at::Tensor lookup_cuda(const at::Tensor &images, const at::Tensor &rotations, const at::Tensor &index,
                       const at::Tensor &voxels, int64_t T) {
  const auto i = images.contiguous(), r = rotations.contiguous();
  const int64_t batch = r.size(0), poses = r.size(1), n = index.numel();
  auto out = at::zeros({batch, T, T, T}, images.options());
  program.launch(out.device(), out.scalar_type(), "lookup", {blocks(n), rows(batch)}, data(i), data(r), data(index),
                 data(voxels), n, T * T * T, (int)batch, (int)poses, (int)images.size(2), out.mutable_data_ptr());
  return out;
}

at::Tensor rotation_gradient_cuda(const at::Tensor &images, const at::Tensor &volumes, const at::Tensor &rotations,
                                  const at::Tensor &index, const at::Tensor &voxels) {
  const Volumes v(volumes);
  const auto i = images.contiguous(), r = rotations.contiguous();
  const int64_t batch = r.size(0), poses = r.size(1), n = index.numel();
  auto out = at::zeros({batch, poses, 3, 3}, images.options().dtype(at::kDouble));
  const int64_t perRow = std::min<int64_t>(blocks(n), 64);
  program.launch(out.device(), images.scalar_type(), "slopes", {perRow, batch * poses}, data(i), data(v.tensor), v.stride,
                 data(r), data(index), data(voxels), n, volumes[0].numel(), (int)poses, (int)images.size(2),
                 out.mutable_data_ptr());
  return out.to(images.scalar_type());
}
} // namespace dsd
