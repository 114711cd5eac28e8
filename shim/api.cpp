// Tensors, gradients and the run-time behind the table of function pointers, and the table itself.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include <atomic>
#include <cstring>

#include "dispatch.h"
#include "distributed.h"
#include "shim.h"

using namespace ct;

namespace ct {
thread_local std::string lastError;
static std::atomic<int64_t> live{0};

CTTensor box(at::Tensor t) {
  live.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<CTTensor>(new at::Tensor(std::move(t)));
}
} // namespace ct

namespace {
const char *last_error() noexcept { return lastError.c_str(); }
const char *torch_version() noexcept { return TORCH_VERSION; }

int tensor_from_data(const void *data, const int64_t *sizes, size_t ndim, int32_t dtype, CTTensor *out) noexcept {
  return guarded([&] {
    auto t = at::empty(c10::IntArrayRef(sizes, ndim), at::TensorOptions().dtype((c10::ScalarType)dtype));
    if (t.nbytes()) std::memcpy(t.mutable_data_ptr(), data, t.nbytes());
    *out = box(std::move(t));
  });
}

void tensor_free(CTTensor t) noexcept {
  if (!t) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  delete &tensor(t);
}

int64_t tensor_live() noexcept { return live.load(); }
size_t tensor_dim(CTTensor t) noexcept { return (size_t)tensor(t).dim(); }
void tensor_sizes(CTTensor t, int64_t *out) noexcept {
  auto sizes = tensor(t).sizes();
  std::copy(sizes.begin(), sizes.end(), out);
}
int32_t tensor_dtype(CTTensor t) noexcept { return (int32_t)tensor(t).scalar_type(); }
int64_t tensor_device(CTTensor t) noexcept {
  auto d = tensor(t).device();
  return ((int64_t)d.type() << 16) | (d.index() & 0xffff);
}

int tensor_copy_out(CTTensor t, void *dst, size_t nbytes) noexcept {
  return guarded([&] {
    auto c = tensor(t).detach().cpu().contiguous().resolve_conj().resolve_neg();
    TORCH_CHECK(c.nbytes() == nbytes, "the tensor ", shapeOf(c), " has ", c.nbytes(), " bytes, the buffer ", nbytes);
    if (nbytes) std::memcpy(dst, c.const_data_ptr(), nbytes);
  });
}

int tensor_item(CTTensor t, double *out) noexcept {
  return guarded([&] {
    TORCH_CHECK(tensor(t).numel() == 1, "one value is asked of a tensor ", shapeOf(tensor(t)));
    *out = tensor(t).item().toDouble();
  });
}

int tensor_set_requires_grad(CTTensor t, bool on) noexcept {
  return guarded([&] { tensor(t).requires_grad_(on); });
}
bool tensor_requires_grad(CTTensor t) noexcept { return tensor(t).requires_grad(); }

int grad(const CTTensor *outputs, size_t no, const CTTensor *inputs, size_t ni, const CTTensor *grad_outputs,
         bool keep_graph, CTTensor *grads) noexcept {
  return guarded([&] {
    torch::autograd::variable_list o, i, g;
    for (size_t k = 0; k < no; k++) {
      o.push_back(tensor(outputs[k]));
      g.push_back(grad_outputs[k] ? tensor(grad_outputs[k]) : at::Tensor());
    }
    for (size_t k = 0; k < ni; k++) i.push_back(tensor(inputs[k]));
    auto result = torch::autograd::grad(o, i, g, keep_graph, false, /*allow_unused=*/true);
    for (size_t k = 0; k < ni; k++) grads[k] = result[k].defined() ? box(std::move(result[k])) : nullptr;
  });
}

bool grad_mode_set(bool on) noexcept {
  bool was = at::GradMode::is_enabled();
  at::GradMode::set_enabled(on);
  return was;
}

void set_num_threads(int n) noexcept {
  // libtorch settles a thread's number at its first parallel work, from whatever was set last anywhere. Asking for it
  // first makes the number that is set here stay.
  at::get_num_threads();
  at::set_num_threads(n);
}
int get_num_threads() noexcept { return at::get_num_threads(); }

int cuda_device_count() noexcept {
  try {
    return at::globalContext().hasCUDA() ? (int)at::detail::getCUDAHooks().deviceCount() : 0;
  } catch (...) {
    return 0;
  }
}

int synchronize(int64_t device) noexcept {
  return guarded([&] {
    if ((c10::DeviceType)(device >> 16) == c10::DeviceType::CUDA)
      at::detail::getCUDAHooks().deviceSynchronize((c10::DeviceIndex)(int16_t)(device & 0xffff));
  });
}
} // namespace

extern "C" __attribute__((visibility("default"))) const CTApi *ct_api(void) {
  static const CTApi api = {
      CT_ABI_VERSION,   sizeof(CTApi),         last_error,         torch_version,
      ct_op,            ct_call,               tensor_from_data,   tensor_free,
      tensor_live,      tensor_dim,            tensor_sizes,       tensor_dtype,
      tensor_device,    tensor_copy_out,       tensor_item,        tensor_set_requires_grad,
      tensor_requires_grad, grad,              grad_mode_set,      set_num_threads,
      get_num_threads,  cuda_device_count,     synchronize,
      ct_group_new,     ct_group_free,         ct_group_all_reduce, ct_group_broadcast,
      ct_work_wait,     ct_work_free,
  };
  return &api;
}
