#!/bin/sh
# RELION's 3D classification without alignment, for `dsd benchmark quality`:
# relion.sh train|result PARTICLES FOLDER SEED CLUSTERS [ITERATIONS [TAU2_FUDGE [INI_HIGH]]]
# Starts from the consensus of all particles; mask drawn from it. Installed by install.sh relion.
set -eu
verb=$1 particles=$2 out=$3 seed=$4 clusters=$5 iterations=${6:-20} tau=${7:-4} high=${8:-40}
command -v relion_refine > /dev/null || { echo "RELION is not installed: Benchmarks/rivals/install.sh relion"; exit 1; }

if [ "$verb" = train ]; then
    mkdir -p "$out/class3d"
    cd "$(dirname "$particles")" # Image names are relative to the STAR file.
    # RELION wants a box diameter in A: 90 % of the box, from the header of the consensus (cell length, bytes 40-43).
    diameter=$(od -A n -t f4 -j 40 -N 4 "$out/consensus.mrc" | awk '{ print int(0.9 * $1) }')
    exec relion_refine --i "$(basename "$particles")" --o "$out/class3d/run" --ref "$out/consensus.mrc" \
        --ini_high "$high" --ctf --iter "$iterations" --tau2_fudge "$tau" --particle_diameter "$diameter" \
        --K "$clusters" --flatten_solvent --zero_mask --solvent_mask "$out/mask.mrc" --skip_align --sym C1 \
        --norm --scale --j 2 --pad 2 --pool 100 --dont_combine_weights_via_disc --preread_images \
        --random_seed "$seed"
fi

mkdir -p "$out/result/maps"
last=$(ls "$out"/class3d/run_it*_data.star | sort -V | tail -1)
python3 - "$last" "$out/result" <<'PYTHON'
"""Classes of particles in the order of the stack, as labels.npy, without any package."""
import struct
import sys

names, rows = [], []
table = False
for line in open(sys.argv[1]):
    words = line.split()
    if line.startswith("data_"):
        table, names = line.strip() == "data_particles", []
    elif table and words and words[0].startswith("_rln"):
        names.append(words[0][4:])
    elif table and len(words) == len(names) > 0:
        rows.append(words)
image, number = names.index("ImageName"), names.index("ClassNumber")
labels = {int(row[image].split("@")[0]): int(row[number]) - 1 for row in rows}
if sorted(labels) != list(range(1, len(labels) + 1)):
    sys.exit("the classification lacks particles of the stack")
header = "{'descr': '<i4', 'fortran_order': False, 'shape': (%d,), }" % len(labels)
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(sys.argv[2] + "/labels.npy", "wb") as f:
    f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    f.write(struct.pack("<%di" % len(labels), *(labels[i] for i in sorted(labels))))
PYTHON
for map in "${last%_data.star}"_class[0-9]*.mrc; do
    number=$(basename "$map" .mrc | sed 's/.*_class0*//')
    cp "$map" "$out/result/maps/class_$(printf %03d $((number - 1))).mrc"
done
