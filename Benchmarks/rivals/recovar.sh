#!/bin/sh
# RECOVAR on CPUs for `dsd benchmark quality`: recovar.sh train|result PARTICLES FOLDER SEED CLUSTERS [ZDIM]
# Mask drawn from the consensus. RECOVAR has no seed. Installed by install.sh recovar.
set -eu
verb=$1 particles=$2 out=$3 zdim=${6:-4}
bin=${DSD_RIVALS:-$HOME/.local/share/opusdsd-rivals}/recovar/bin
[ -x "$bin/recovar" ] || { echo "RECOVAR is not installed: Benchmarks/rivals/install.sh recovar"; exit 1; }
export JAX_PLATFORMS=cpu

if [ "$verb" = train ]; then
    exec "$bin/recovar" pipeline "$particles" --datadir "$(dirname "$particles")" -o "$out/model" \
        --mask "$out/mask.mrc" --zdim "$zdim" --no-downsample --accept-cpu
fi

mkdir -p "$out/result/maps"
"$bin/python" - "$out" "$zdim" <<'PYTHON'
import sys

import numpy as np

from recovar.output.output import PipelineOutput

out, zdim = sys.argv[1], int(sys.argv[2])
codes = np.asarray(PipelineOutput(f"{out}/model").get_embedding_component("latent_coords", zdim), np.float32)
np.save(f"{out}/result/codes.npy", codes)
rows = np.loadtxt(f"{out}/rows.txt", dtype=int, ndmin=1)
np.savetxt(f"{out}/wanted.txt", codes[rows])
PYTHON
"$bin/recovar" compute_state "$out/model" -o "$out/decoded" --latent-points "$out/wanted.txt" \
    --datadir "$(dirname "$particles")"
# States come numbered in the order of the points.
number=0
while read -r row; do
    map="$out/decoded/state$(printf %03d "$number").mrc"
    [ -s "$map" ] || { echo "RECOVAR left no map $map"; exit 1; }
    cp "$map" "$out/result/maps/image_$(printf %06d "$row").mrc"
    number=$((number + 1))
done < "$out/rows.txt"
