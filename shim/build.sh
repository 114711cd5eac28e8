#!/bin/sh
# Compiles the shim against a torch: shim/build.sh TORCH_FOLDER OUTPUT.so
# TORCH_FOLDER is a Python package folder of torch (it has include/ and lib/). DSD_MARCH chooses the processor (default native).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
torch=$1
output=$2
[ -f "$torch/lib/libtorch_cpu.so" ] || { echo "shim/build.sh: $torch has no lib/libtorch_cpu.so: give the folder of a torch package" >&2; exit 1; }
objects=$(dirname "$output")/objects
mkdir -p "$objects"
flags="-std=c++20 -O3 -fPIC -fvisibility=hidden -march=${DSD_MARCH:-native} -fno-math-errno -fno-trapping-math -ffp-contract=fast"
includes="-I$here -I$here/declarations -I$here/../Sources/CTorch/include -I$torch/include -I$torch/include/torch/csrc/api/include"
cuda=
[ -e "$torch/lib/libtorch_cuda.so" ] && cuda="-Wl,--no-as-needed -ltorch_cuda -lc10_cuda"

# NCCL wants its own headers and CUDA's; where the compiler finds them, GPUs of a run can work together.
for folder in "$torch"/../nvidia/*/include "${CUDA_HOME:-/usr/local/cuda}/include"; do
    [ -d "$folder" ] && includes="$includes -isystem $folder"
done
if [ -n "$cuda" ] && printf '#include <nccl.h>\n#include <ATen/cuda/CUDAContext.h>\n' |
    ${CXX:-g++} $flags $includes -x c++ -E - >/dev/null 2>&1; then
    flags="$flags -DDSD_WITH_NCCL"
fi

# A file is compiled again when its text, the headers, the flags or the torch have changed.
common=$(cat "$here"/*.h "$here"/kernels/*.h "$here"/../Sources/CTorch/include/ctorch.h "$torch/version.py" 2>/dev/null | cksum)
pending=
for source in "$here"/*.cpp "$here"/kernels/*.cpp; do
    object=$objects/$(basename "$source" .cpp).o
    key="$(cksum < "$source") $common $flags $torch"
    [ -f "$object" ] && [ "$(cat "$object.key" 2>/dev/null)" = "$key" ] || pending="$pending $source"
done
if [ -n "$pending" ]; then
    echo "compiling the libtorch shim:$(for p in $pending; do printf ' %s' "$(basename "$p")"; done)"
    export here objects flags includes common torch
    # shellcheck disable=SC2016
    printf '%s\n' $pending | xargs -P "$(nproc 2>/dev/null || echo 2)" -I{} sh -c '
        object=$objects/$(basename "$1" .cpp).o
        '"${CXX:-g++}"' $flags $includes -c "$1" -o "$object.new" && mv "$object.new" "$object" &&
        echo "$(cksum < "$1") $common $flags $torch" > "$object.key"' sh {}
fi
[ -z "$pending" ] && [ -f "$output" ] && [ -z "$(find "$objects" -name '*.o' -newer "$output")" ] && exit 0
list=
for source in "$here"/*.cpp "$here"/kernels/*.cpp; do list="$list $objects/$(basename "$source" .cpp).o"; done
# shellcheck disable=SC2086
${CXX:-g++} -shared -o "$output.new" $list -L"$torch/lib" -ltorch_cpu -lc10 $cuda -Wl,-rpath,'$ORIGIN/torch' -Wl,-rpath,"$torch/lib"
mv "$output.new" "$output"
