#!/bin/sh
# cryoDRGN for `dsd benchmark quality`: cryodrgn.sh train|result PARTICLES FOLDER SEED CLUSTERS [EPOCHS [ZDIM]]
# Networks of a size for CPUs: encoder 256 x 3, decoder 128 x 3. Installed by install.sh cryodrgn.
set -eu
verb=$1 particles=$2 out=$3 seed=$4 epochs=${6:-20} zdim=${7:-8}
bin=${DSD_RIVALS:-$HOME/.local/share/opusdsd-rivals}/cryodrgn/bin
[ -x "$bin/cryodrgn" ] || { echo "cryoDRGN is not installed: Benchmarks/rivals/install.sh cryodrgn"; exit 1; }

if [ "$verb" = train ]; then
    "$bin/cryodrgn" parse_pose_star "$particles" -o "$out/pose.pkl"
    "$bin/cryodrgn" parse_ctf_star "$particles" -o "$out/ctf.pkl"
    exec "$bin/cryodrgn" train_vae "$particles" --datadir "$(dirname "$particles")" --poses "$out/pose.pkl" \
        --ctf "$out/ctf.pkl" --zdim "$zdim" -n "$epochs" -b 32 --lr 1e-4 --enc-dim 256 --enc-layers 3 \
        --dec-dim 128 --dec-layers 3 --seed "$seed" --no-amp --no-analysis --checkpoint "$epochs" -o "$out/model"
fi

mkdir -p "$out/result/maps" "$out/decoded"
"$bin/python" - "$out" <<'PYTHON'
import glob
import pickle
import sys

import numpy as np

out = sys.argv[1]
newest = max(glob.glob(f"{out}/model/z.*.pkl"), key=lambda p: int(p.split(".")[-2]))
with open(newest, "rb") as f:
    codes = np.asarray(pickle.load(f), np.float32)
np.save(f"{out}/result/codes.npy", codes)
rows = np.loadtxt(f"{out}/rows.txt", dtype=int, ndmin=1)
np.savetxt(f"{out}/wanted.txt", codes[rows])
PYTHON
weights=$(ls "$out"/model/weights.[0-9]*.pkl 2> /dev/null | sort -V | tail -1)
"$bin/cryodrgn" eval_vol "${weights:-$out/model/weights.pkl}" -c "$out/model/config.yaml" \
    --zfile "$out/wanted.txt" -o "$out/decoded"
# Maps come in the order of the rows.
ls "$out"/decoded/*.mrc | sort -V > "$out/decoded.txt"
[ "$(wc -l < "$out/decoded.txt")" = "$(wc -l < "$out/rows.txt")" ] ||
    { echo "cryoDRGN decoded another number of maps than asked for"; exit 1; }
paste "$out/rows.txt" "$out/decoded.txt" | while read -r row map; do
    mv "$map" "$out/result/maps/image_$(printf %06d "$row").mrc"
done
