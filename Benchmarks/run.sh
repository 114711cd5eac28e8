#!/bin/sh
# Measures the training step and the kernels on this machine: Benchmarks/run.sh PROGRAM [DEVICE]
# Writes dated JSON to Benchmarks/results and compares each result with the newest earlier one of its name.
set -eu
program=$1
device=${2:-cpu}
results=$(cd "$(dirname "$0")" && pwd)/results
day=$(date +%Y-%m-%d)
name_of_device=$(printf '%s' "$device" | tr ':' '-')

measure() { # NAME OPTIONS...
    name=$1-$name_of_device
    shift
    echo "$name"
    before=$(ls "$results"/????-??-??-"$name".json 2>/dev/null | grep -v "$day" | tail -1 || true)
    "$program" bench --device "$device" "$@" --json > "$results/$day-$name.json.new"
    mv "$results/$day-$name.json.new" "$results/$day-$name.json"
    # Results of another number type or size are refused with a line that says so.
    [ -z "$before" ] || "$program" bench --compare "$before" "$results/$day-$name.json" || true
}

measure small-32 --preset small --box 32
measure small-64 --preset small --box 64
if [ "$device" = cpu ]; then
    measure paper-128 --preset paper --box 128 --batch 4 --set numerics.convolutions=automatic
else
    measure paper-128 --preset paper --box 128 --set numerics.convolutions=bfloat16
    measure paper-256 --preset paper --box 256 --batch 48 --set numerics.convolutions=bfloat16
fi
measure kernels --kernels
