// Operators dsd::project and dsd::lookup: checks of shape, choice of kernel, gradients.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "projector.h"
#include "projector_reference.h"

namespace dsd {
void checkProjection(const at::Tensor &rotations, const at::Tensor &index, const at::Tensor &voxels, const at::Tensor &values) {
  TORCH_CHECK(rotations.dim() == 4 && rotations.size(2) == 3 && rotations.size(3) == 3,
              "rotations want [batch, poses, 3, 3], found ", rotations.sizes());
  TORCH_CHECK(index.dim() == 1 && index.scalar_type() == at::kInt && index.is_contiguous(),
              "the voxel index wants a contiguous int32 [n], found ", index.scalar_type(), index.sizes());
  TORCH_CHECK(voxels.dim() == 2 && voxels.size(0) == 4 && voxels.size(1) == index.numel() && voxels.is_contiguous(),
              "the voxel list wants a contiguous [4, ", index.numel(), "], found ", voxels.sizes());
  TORCH_CHECK(voxels.scalar_type() == values.scalar_type() && rotations.scalar_type() == values.scalar_type(),
              "values, rotations and voxels want one number type");
  TORCH_CHECK(voxels.device() == values.device() && rotations.device() == values.device() && index.device() == values.device(),
              "values, rotations and voxels want one device");
  TORCH_CHECK(values.is_cpu() || values.is_cuda(), "there are kernels for CPU and CUDA, found ", values.device());
}

namespace {
using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Tensor project(const Tensor &volumes, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t box) {
  checkProjection(rotations, index, voxels, volumes);
  TORCH_CHECK(volumes.dim() == 4 && volumes.size(0) == rotations.size(0) && volumes.size(1) == volumes.size(2) &&
                  volumes.size(2) == volumes.size(3),
              "volumes want [batch, T, T, T] with the batch of the rotations ",
              rotations.sizes(), ", found ", volumes.sizes());
  return volumes.is_cuda() ? project_cuda(volumes, rotations, index, voxels, box)
                           : project_cpu(volumes, rotations, index, voxels, box);
}

Tensor lookup(const Tensor &images, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t side) {
  checkProjection(rotations, index, voxels, images);
  TORCH_CHECK(images.dim() == 4 && images.size(2) == images.size(3) && images.size(0) == rotations.size(0) &&
                  images.size(1) == rotations.size(1),
              "images want [batch, poses, P, P] with batch and poses of the rotations ", rotations.sizes(), ", found ",
              images.sizes());
  return images.is_cuda() ? lookup_cuda(images, rotations, index, voxels, side)
                          : lookup_cpu(images, rotations, index, voxels, side);
}

Tensor rotationGradient(const Tensor &images, const Tensor &volumes, const Tensor &rotations, const Tensor &index,
                        const Tensor &voxels) {
  return images.is_cuda() ? rotation_gradient_cuda(images, volumes, rotations, index, voxels)
                          : rotation_gradient_cpu(images, volumes, rotations, index, voxels);
}

struct Project : torch::autograd::Function<Project> {
  static Tensor forward(AutogradContext *ctx, const Tensor &volumes, const Tensor &rotations, const Tensor &index,
                        const Tensor &voxels, int64_t box) {
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->save_for_backward({rotations.requires_grad() ? volumes : Tensor(), rotations, index, voxels});
    ctx->saved_data["side"] = volumes.size(-1);
    return project(volumes, rotations, index, voxels, box);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &volumes = saved[0], &rotations = saved[1], &index = saved[2], &voxels = saved[3];
    Tensor gv, gr;
    if (ctx->needs_input_grad(0)) gv = lookup(grads[0], rotations, index, voxels, ctx->saved_data["side"].toInt());
    if (ctx->needs_input_grad(1)) gr = rotationGradient(grads[0], volumes, rotations, index, voxels);
    return {gv, gr, Tensor(), Tensor(), Tensor()};
  }
};

struct Lookup : torch::autograd::Function<Lookup> {
  static Tensor forward(AutogradContext *ctx, const Tensor &images, const Tensor &rotations, const Tensor &index,
                        const Tensor &voxels, int64_t side) {
    TORCH_CHECK(!rotations.requires_grad(), "the look-up has no gradient for rotations");
    at::AutoDispatchBelowADInplaceOrView guard;
    ctx->save_for_backward({rotations, index, voxels});
    ctx->saved_data["box"] = images.size(-1);
    return lookup(images, rotations, index, voxels, side);
  }
  static variable_list backward(AutogradContext *ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    auto gi = project(grads[0], saved[0], saved[1], saved[2], ctx->saved_data["box"].toInt());
    return {gi, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor projectWithGradient(const Tensor &volumes, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t box) {
  return Project::apply(volumes, rotations, index, voxels, box);
}
Tensor lookupWithGradient(const Tensor &images, const Tensor &rotations, const Tensor &index, const Tensor &voxels, int64_t side) {
  return Lookup::apply(images, rotations, index, voxels, side);
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) {
  m.def("project(Tensor volumes, Tensor rotations, Tensor index, Tensor voxels, int box) -> Tensor");
  m.def("lookup(Tensor images, Tensor rotations, Tensor index, Tensor voxels, int side) -> Tensor");
  m.def("project_reference(Tensor volumes, Tensor rotations, Tensor index, Tensor voxels, int box) -> Tensor");
  m.def("lookup_reference(Tensor images, Tensor rotations, Tensor index, Tensor voxels, int side) -> Tensor");
}
TORCH_LIBRARY_IMPL(dsd, CompositeExplicitAutograd, m) {
  m.impl("project", dsd::project);
  m.impl("lookup", dsd::lookup);
}
TORCH_LIBRARY_IMPL(dsd, Autograd, m) {
  m.impl("project", dsd::projectWithGradient);
  m.impl("lookup", dsd::lookupWithGradient);
}
TORCH_LIBRARY_IMPL(dsd, CompositeImplicitAutograd, m) {
  m.impl("project_reference", dsd::project_reference);
  m.impl("lookup_reference", dsd::lookup_reference);
}
