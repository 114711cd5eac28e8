// NCCL's process group. Its class is known only with NCCL's and CUDA's headers; shim/build.sh defines DSD_WITH_NCCL
// where it finds both.
#ifdef DSD_WITH_NCCL
#define USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "distributed.h"

c10::intrusive_ptr<c10d::Backend> ct::ncclBackend(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size,
                                                  std::chrono::milliseconds timeout) {
#ifdef DSD_WITH_NCCL
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
#else
  TORCH_CHECK(false, "this shim was compiled without NCCL: build it again where nccl.h and the CUDA headers are, or "
                     "train in one process");
#endif
}
