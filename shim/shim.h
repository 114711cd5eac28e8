// What the files of the shim share: handles <-> tensors, and exceptions -> error values.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "ctorch.h"

namespace ct {
extern thread_local std::string lastError;

inline at::Tensor &tensor(CTTensor handle) { return *reinterpret_cast<at::Tensor *>(handle); }
CTTensor box(at::Tensor t); // a new owning handle

/// "Float[2, 3]", for messages.
inline std::string shapeOf(const at::Tensor &t) { return c10::str(t.scalar_type(), t.sizes()); }

/// Runs `body`; an exception becomes the thread's error message and the value 1.
template <typename Body> int guarded(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &e) {
    lastError = e.what_without_backtrace();
  } catch (const std::exception &e) {
    lastError = e.what();
  } catch (...) {
    lastError = "unknown C++ exception";
  }
  return 1;
}
} // namespace ct
