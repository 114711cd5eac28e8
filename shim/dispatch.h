// Entries of the table that dispatch.cpp defines.
#pragma once
#include "ctorch.h"

int ct_op(const char *name, const char *overload, CTOp *out) noexcept;
int ct_call(CTOp op, const CTValue *args, size_t nargs, CTTensor *rets, size_t max_rets, size_t *n_rets) noexcept;
