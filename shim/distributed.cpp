// Process groups of c10d: Gloo on the CPU, NCCL between GPUs where the shim was compiled with its headers.
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <thread>

#include "distributed.h"

using namespace ct;

struct CTGroupImpl {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> backend;
};
struct CTWorkImpl {
  c10::intrusive_ptr<c10d::Work> work;
  at::Tensor kept; // alive until the work is done
};

namespace {
c10::intrusive_ptr<c10d::Backend> backend(const std::string &name, const c10::intrusive_ptr<c10d::Store> &store,
                                          int rank, int size, std::chrono::milliseconds timeout) {
  if (name == "gloo") {
    auto options = c10d::ProcessGroupGloo::Options::create_default(timeout);
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
  }
  if (name == "nccl") return ncclBackend(store, rank, size, timeout);
  TORCH_CHECK(false, "there is no process group '", name, "', only gloo and nccl");
}

/// Returns when `size` processes have come here, which may take `seconds`.
void await(c10d::Store &store, int size, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  int64_t come = store.add("come", 1);
  while (come < size) {
    TORCH_CHECK(std::chrono::steady_clock::now() < end, "of ", size, " processes ", come, " came within ", seconds,
                " seconds");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    come = store.add("come", 0);
  }
}
} // namespace

int ct_group_new(const char *name, const char *topic, const char *host, int port, bool hosts_store, int rank, int size,
                 double meeting, double timeout, CTGroup *out) noexcept {
  return guarded([&] {
    const auto wait = std::chrono::milliseconds((int64_t)(timeout * 1000));
    c10d::TCPStoreOptions options;
    options.port = (uint16_t)port;
    options.isServer = hosts_store;
    options.waitWorkers = false;
    options.timeout = std::chrono::milliseconds((int64_t)(meeting * 1000));
    auto tcp = c10::make_intrusive<c10d::TCPStore>(std::string(host), options);
    // A restarted launch meets the store of the one before: its keys are kept apart.
    const char *restarts = std::getenv("TORCHELASTIC_RESTART_COUNT");
    auto store = c10::make_intrusive<c10d::PrefixStore>(std::string(topic) + "/" + (restarts ? restarts : "0"), tcp);
    await(*store, size, meeting);
    *out = new CTGroupImpl{store, backend(name, store, rank, size, wait)};
  });
}

void ct_group_free(CTGroup group) noexcept { delete group; }

int ct_group_all_reduce(CTGroup group, CTTensor handle, CTWork *out) noexcept {
  return guarded([&] {
    std::vector<at::Tensor> list{tensor(handle)};
    *out = new CTWorkImpl{group->backend->allreduce(list), list[0]};
  });
}

int ct_group_broadcast(CTGroup group, CTTensor handle, int root, CTWork *out) noexcept {
  return guarded([&] {
    c10d::BroadcastOptions options;
    options.rootRank = root;
    std::vector<at::Tensor> list{tensor(handle)};
    *out = new CTWorkImpl{group->backend->broadcast(list, options), list[0]};
  });
}

int ct_work_wait(CTWork work) noexcept {
  return guarded([&] { work->work->wait(); });
}

void ct_work_free(CTWork work) noexcept { delete work; }
