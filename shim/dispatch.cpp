// Any operator of libtorch by name: arguments are boxed from tagged values, missing ones come from the schema.
#include "dispatch.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <sstream>
#include <vector>

#include "shim.h"

using namespace ct;

namespace {
c10::IValue tensorList(const CTValue &v, const c10::Argument &arg) {
  auto handles = (const CTTensor *)v.p;
  auto list = arg.type()->cast<c10::ListType>();
  if (list && list->getElementType()->kind() == c10::TypeKind::OptionalType) {
    c10::List<std::optional<at::Tensor>> out;
    for (size_t k = 0; k < v.n; k++)
      out.push_back(handles[k] ? std::optional<at::Tensor>(tensor(handles[k])) : std::nullopt);
    return out;
  }
  c10::List<at::Tensor> out;
  for (size_t k = 0; k < v.n; k++) out.push_back(handles[k] ? tensor(handles[k]) : at::Tensor());
  return out;
}

c10::IValue boxed(const CTValue &v, const c10::Argument &arg) {
  switch (v.tag) {
  case CT_DEFAULT:
    TORCH_CHECK(arg.default_value().has_value(), "argument '", arg.name(), "' has no default");
    return *arg.default_value();
  case CT_NONE: return c10::IValue();
  case CT_TENSOR: return v.p ? c10::IValue(tensor((CTTensor)v.p)) : c10::IValue();
  case CT_INT: return v.i;
  case CT_BOOL: return v.i != 0;
  case CT_DOUBLE: return v.d;
  case CT_STRING: return std::string((const char *)v.p);
  case CT_INTS: return c10::IValue(c10::List<int64_t>(c10::ArrayRef<int64_t>((const int64_t *)v.p, v.n)));
  case CT_DOUBLES: return c10::IValue(c10::List<double>(c10::ArrayRef<double>((const double *)v.p, v.n)));
  case CT_TENSORS: return tensorList(v, arg);
  case CT_DEVICE: return c10::Device((c10::DeviceType)(v.i >> 16), (c10::DeviceIndex)(int16_t)(v.i & 0xffff));
  }
  TORCH_CHECK(false, "unknown value tag ", (int)v.tag);
}

/// "aten::mm(float32[2, 3], float32[4, 5])": what an error message says of the failed call.
std::string describe(const c10::OperatorHandle &op, const CTValue *args, size_t nargs) {
  std::ostringstream s;
  s << toString(op.operator_name()) << "(";
  bool first = true;
  const auto add = [&](CTTensor handle) {
    if (!handle) return;
    s << (first ? "" : ", ") << shapeOf(tensor(handle));
    first = false;
  };
  for (size_t k = 0; k < nargs; k++) {
    if (args[k].tag == CT_TENSOR) add((CTTensor)args[k].p);
    if (args[k].tag == CT_TENSORS)
      for (size_t j = 0; j < args[k].n; j++) add(((const CTTensor *)args[k].p)[j]);
  }
  s << ")";
  return s.str();
}

void collect(const c10::Stack &stack, CTTensor *rets, size_t max_rets, size_t *n_rets) {
  std::vector<at::Tensor> found;
  for (const auto &value : stack) {
    if (value.isTensor()) found.push_back(value.toTensor());
    if (value.isTensorList())
      for (auto &&t : value.toTensorVector()) found.push_back(t);
  }
  TORCH_CHECK(found.size() <= max_rets, found.size(), " results, room for ", max_rets);
  for (size_t k = 0; k < found.size(); k++) rets[k] = found[k].defined() ? box(std::move(found[k])) : nullptr;
  *n_rets = found.size();
}
} // namespace

int ct_op(const char *name, const char *overload, CTOp *out) noexcept {
  return guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    *out = reinterpret_cast<CTOp>(new c10::OperatorHandle(handle));
  });
}

int ct_call(CTOp op, const CTValue *args, size_t nargs, CTTensor *rets, size_t max_rets, size_t *n_rets) noexcept {
  auto &handle = *reinterpret_cast<const c10::OperatorHandle *>(op);
  int failed = guarded([&] {
    const auto &declared = handle.schema().arguments();
    TORCH_CHECK(nargs <= declared.size(), nargs, " arguments given, ", declared.size(), " declared");
    c10::Stack stack;
    stack.reserve(declared.size());
    for (size_t k = 0; k < declared.size(); k++)
      stack.push_back(k < nargs ? boxed(args[k], declared[k]) : boxed(CTValue{CT_DEFAULT, 0, 0, nullptr, 0}, declared[k]));
    handle.callBoxed(stack);
    collect(stack, rets, max_rets, n_rets);
  });
  if (failed) {
    std::string message = lastError;
    if (guarded([&] { message = describe(handle, args, nargs) + ": " + message; })) return 1;
    lastError = message;
  }
  return failed;
}
