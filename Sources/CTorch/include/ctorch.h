// C ABI between Swift and libtorch. Swift imports this header alone: no C++ and no torch header is seen above
// it.
// The one exported symbol of libctorch.so is `ct_api`, which returns the table below.
// A function that can fail returns 0 on success; `last_error` then has the message of the calling thread.
#ifndef CTORCH_H
#define CTORCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define CT_ABI_VERSION 2
#ifndef __clang__
#define _Nonnull
#define _Nullable
#endif

typedef struct CTTensorImpl *CTTensor; // owning handle of one at::Tensor
typedef const struct CTOpImpl *CTOp;   // immortal handle of a dispatcher operator
typedef struct CTGroupImpl *CTGroup;   // owning handle of a process group
typedef struct CTWorkImpl *CTWork;     // owning handle of a collective under way

typedef enum CTTag : int32_t {
  CT_DEFAULT = 0, // the schema's default value
  CT_NONE,
  CT_TENSOR, // p: CTTensor, borrowed
  CT_INT,
  CT_BOOL,
  CT_DOUBLE,
  CT_STRING,  // p: const char *, zero-terminated
  CT_INTS,    // p: const int64_t *, n
  CT_DOUBLES, // p: const double *, n
  CT_TENSORS, // p: const CTTensor *, n (NULL element: undefined tensor)
  CT_DEVICE,  // i: type << 16 | (index & 0xffff)
} CTTag;

typedef struct CTValue {
  CTTag tag;
  int64_t i;
  double d;
  const void *_Nullable p;
  size_t n;
} CTValue;

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#endif
typedef struct CTApi {
  uint32_t abi_version, size;
  const char *_Nonnull (*_Nonnull last_error)(void);
  const char *_Nonnull (*_Nonnull torch_version)(void);

  // Operators, by schema name ("aten::add") and overload ("Tensor").
  int (*_Nonnull op)(const char *_Nonnull name, const char *_Nonnull overload, CTOp *_Nonnull out);
  int (*_Nonnull call)(CTOp op, const CTValue *_Nullable args, size_t nargs, CTTensor *_Nonnull rets,
                       size_t max_rets, size_t *_Nonnull n_rets);

  // Tensors.
  int (*_Nonnull tensor_from_data)(const void *_Nullable data, const int64_t *_Nullable sizes, size_t ndim,
                                   int32_t dtype, CTTensor *_Nonnull out); // copies
  void (*_Nonnull tensor_free)(CTTensor t);
  int64_t (*_Nonnull tensor_live)(void); // handles alive
  size_t (*_Nonnull tensor_dim)(CTTensor t);
  void (*_Nonnull tensor_sizes)(CTTensor t, int64_t *_Nonnull out);
  int32_t (*_Nonnull tensor_dtype)(CTTensor t);
  int64_t (*_Nonnull tensor_device)(CTTensor t);
  int (*_Nonnull tensor_copy_out)(CTTensor t, void *_Nullable dst, size_t nbytes); // contiguous, on the host
  int (*_Nonnull tensor_item)(CTTensor t, double *_Nonnull out);

  // Gradients. grad_outputs may have NULL elements (ones of a scalar output).
  int (*_Nonnull tensor_set_requires_grad)(CTTensor t, bool on);
  bool (*_Nonnull tensor_requires_grad)(CTTensor t);
  int (*_Nonnull grad)(const CTTensor *_Nonnull outputs, size_t no, const CTTensor *_Nonnull inputs,
                       size_t ni, const CTTensor *_Nonnull grad_outputs, bool keep_graph,
                       CTTensor *_Nonnull grads);
  bool (*_Nonnull grad_mode_set)(bool on); // of the calling thread; returns the previous mode

  // The run-time.
  void (*_Nonnull set_num_threads)(int n); // of the calling thread
  int (*_Nonnull get_num_threads)(void);
  int (*_Nonnull cuda_device_count)(void);
  int (*_Nonnull synchronize)(int64_t device);

  // Process groups. `backend` is "gloo" or "nccl"; one process hosts the store that all meet at, and groups
  // of another `topic` share it. Collectives work in place, in one order on every rank, and are done when
  // waited for.
  int (*_Nonnull group_new)(const char *_Nonnull backend, const char *_Nonnull topic,
                            const char *_Nonnull host,
                            int port, bool hosts_store, int rank, int size, double meeting_seconds,
                            double timeout_seconds,
                            CTGroup *_Nonnull out);
  void (*_Nonnull group_free)(CTGroup group);
  int (*_Nonnull group_all_reduce)(CTGroup group, CTTensor t, CTWork *_Nonnull out); // sum
  int (*_Nonnull group_broadcast)(CTGroup group, CTTensor t, int root, CTWork *_Nonnull out);
  int (*_Nonnull work_wait)(CTWork work);
  void (*_Nonnull work_free)(CTWork work);
} CTApi;
#ifdef __clang__
#pragma clang diagnostic pop
#endif

typedef const CTApi *_Nonnull (*_Nonnull CTApiGetter)(void);
#ifdef __cplusplus
}
#endif
#endif
