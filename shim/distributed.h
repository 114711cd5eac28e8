// The process-group functions of the table, and what the two backends share.
#pragma once
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

#include "shim.h"

namespace ct {
/// NCCL's backend, or an error that says that this shim has none.
c10::intrusive_ptr<c10d::Backend> ncclBackend(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size,
                                              std::chrono::milliseconds timeout);
} // namespace ct

int ct_group_new(const char *name, const char *topic, const char *host, int port, bool hosts_store, int rank, int size,
                 double meeting, double timeout, CTGroup *out) noexcept;
void ct_group_free(CTGroup group) noexcept;
int ct_group_all_reduce(CTGroup group, CTTensor handle, CTWork *out) noexcept;
int ct_group_broadcast(CTGroup group, CTTensor handle, int root, CTWork *out) noexcept;
int ct_work_wait(CTWork work) noexcept;
void ct_work_free(CTWork work) noexcept;
