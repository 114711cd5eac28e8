#!/bin/sh
# Gets what the program needs beside Swift and builds it: libtorch (as the Python package torch), the plotting library of
# the pages, the shim between them and Swift, and the release program. Quick the second time.
#
#   ./setup.sh            everything
#   ./setup.sh runtime    all but the Swift build
#   ./setup.sh static     the program with Swift's run-time inside, in .build-static/release/dsd, for machines without Swift
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

case "${1:-}" in
"" | runtime | static) ;;
*) fail "there is no set-up '$1': give nothing, runtime or static (the top of this file says more)" ;;
esac
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
if [ "${1:-}" = static ]; then
    # The viewer's server package holds a proxy, which the viewer never makes, on Foundation's networking, whose static
    # library wants libcurl. Each of libcurl's names gets a body that stops, so the program needs no libcurl anywhere.
    folder=$PWD/.build-static
    resources=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
    session=${resources}_static/linux/lib_CFURLSessionInterface.a
    [ -f "$session" ] || fail "the Swift toolchain has no $session: install one with the static libraries"
    mkdir -p "$folder/curl"
    nm -u "$session" | sed -n 's/^ *U \(curl_[a-z_]*\)$/void \1(void) { __builtin_trap(); }/p' | sort -u > "$folder/curl/curl.c"
    "${CC:-gcc}" -c -O1 -w -o "$folder/curl/curl.o" "$folder/curl/curl.c"
    rm -f "$folder/curl/libcurl.a"
    ar rcs "$folder/curl/libcurl.a" "$folder/curl/curl.o"
    swift build -c release --product dsd --static-swift-stdlib --scratch-path "$folder" -Xlinker -L"$folder/curl"
    say "ready: .build-static/release/dsd"
    exit 0
fi
swift build -c release --product dsd
say "ready: .build/release/dsd"
