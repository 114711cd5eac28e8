#!/bin/sh
# Gets what the program needs beside Swift and builds it: libtorch (as the Python package torch), the plotting library of
# the pages, the shim between them and Swift, and the release program. Quick the second time.
#
#   ./setup.sh            everything
#   ./setup.sh runtime    all but the Swift build
#
# TORCH_HOME  folder of a torch package that is already there (it has include/ and lib/); nothing is downloaded then
# PYTHON      Python with pip, used here and never at run time (default python3)
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
torch_version=2.13.0
plotly_version=6.9.0
runtime=$PWD/.torch/runtime
mkdir -p "$runtime"

say() { printf '%s\n' "$*"; }
fail() { printf 'setup.sh: %s\n' "$*" >&2; exit 1; }

# pip into a folder of our own. $1 folder, the rest: what to install.
pip_into() {
    target=$1
    shift
    rm -rf "$target.new"
    "$python" -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --root-user-action=ignore \
        --target "$target.new" "$@" || return 1
    rm -rf "$target"
    mv "$target.new" "$target"
}

command -v swift >/dev/null || fail "there is no swift command: install the Swift 6.1 toolchain or later"
command -v "${CXX:-g++}" >/dev/null || fail "there is no C++ compiler: install g++ or set CXX"

if [ -n "${TORCH_HOME:-}" ]; then
    torch=$TORCH_HOME
    [ -f "$torch/lib/libtorch_cpu.so" ] || fail "TORCH_HOME=$torch has no lib/libtorch_cpu.so"
else
    torch=$PWD/.torch/site/torch
    if [ ! -f "$torch/lib/libtorch_cpu.so" ] || ! grep -q "'$torch_version" "$torch/version.py"; then
        "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip: install it, or set TORCH_HOME to a torch that is there"
        say "fetching libtorch $torch_version"
        # The CPU wheel where pip offers one (it needs no other package); else the default wheel with what it needs.
        pip_into "$PWD/.torch/site" --no-deps "torch==$torch_version+cpu" 2>/dev/null ||
            pip_into "$PWD/.torch/site" "torch==$torch_version" ||
            fail "pip could not install torch $torch_version; set TORCH_HOME to a torch that is there"
    fi
fi

if [ ! -f "$runtime/plotly.min.js" ]; then
    say "fetching the plotting library"
    pip_into "$PWD/.torch/plot" --no-deps "plotly==$plotly_version" || fail "pip could not install plotly $plotly_version"
    cp "$PWD/.torch/plot/plotly/package_data/plotly.min.js" "$runtime/plotly.min.js.new"
    mv "$runtime/plotly.min.js.new" "$runtime/plotly.min.js"
    rm -rf "$PWD/.torch/plot"
fi

shim/build.sh "$torch" "$runtime/libctorch.so"
[ "${1:-}" = runtime ] && exit 0
swift build -c release --product dsd
say "ready: .build/release/dsd"
