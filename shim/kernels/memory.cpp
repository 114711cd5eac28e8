// Operator dsd::keep_memory: the C library keeps freed memory for the next tensors instead of giving it back to the
// system, which would hand out pages to be cleared anew at every step.
#include <torch/library.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace dsd {
namespace {
void keepMemory() {
#ifdef __GLIBC__
  constexpr int most = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, most);
  mallopt(M_TRIM_THRESHOLD, most);
#endif
}
} // namespace
} // namespace dsd

TORCH_LIBRARY_FRAGMENT(dsd, m) { m.def("keep_memory() -> ()", dsd::keepMemory); }
