"""Makes cryosparc_*.cs and cryosparc.json, which CryoSPARCTests reads: tables as cryoSPARC's jobs write them,
and what cryoDRGN (PyPI, 4.3) reads from them. Run in this folder:
python make_cryosparc.py [FOLDER WITH cryosparc_P12_J24_001_particles.cs]"""
import json
import os
import pickle
import sys
import tempfile
from types import SimpleNamespace

import numpy as np
from numpy.lib.recfunctions import repack_fields

from cryodrgn.commands import parse_ctf_csparc, parse_pose_csparc

random = np.random.default_rng(7)
count = 6


def group(name, classes=None):
    """Fields of one set of poses; with `classes`, of all classes in one."""
    many = () if classes is None else (classes,)
    return [
        (f"{name}/split", "<u4"), (f"{name}/shift", "<f4", many + (2,)), (f"{name}/pose", "<f4", many + (3,)),
        (f"{name}/psize_A", "<f4"), (f"{name}/class_posterior", "<f4", many), (f"{name}/class", "<u4", many),
    ]


blob = [
    ("blob/path", "S40"), ("blob/idx", "<u4"), ("blob/shape", "<u4", (2,)), ("blob/psize_A", "<f4"),
    ("blob/sign", "<f4"),
]
ctf = [
    ("ctf/type", "S9"), ("ctf/exp_group_id", "<u4"), ("ctf/accel_kv", "<f4"), ("ctf/cs_mm", "<f4"),
    ("ctf/amp_contrast", "<f4"), ("ctf/df1_A", "<f4"), ("ctf/df2_A", "<f4"), ("ctf/df_angle_rad", "<f4"),
    ("ctf/phase_shift_rad", "<f4"), ("ctf/tilt_A", "<f4", (2,)), ("ctf/trefoil_A", "<f4", (2,)),
    ("ctf/tetra_A", "<f4", (4,)), ("ctf/anisomag", "<f4", (4,)),
]
uids = random.integers(1 << 62, 1 << 64, count, dtype="<u8")


def table(fields):
    rows = np.zeros(count, dtype=[("uid", "<u8")] + fields)
    rows["uid"] = uids
    for name in rows.dtype.names:
        column = rows[name]
        if name.endswith("/pose"):
            vector = random.normal(size=column.shape)
            angle = random.uniform(0.1, np.pi, column.shape[:-1] + (1,))
            rows[name] = vector / np.linalg.norm(vector, axis=-1, keepdims=True) * angle
        elif name.endswith("/shift"):
            rows[name] = random.normal(size=column.shape) * 3
        elif name.endswith("/split"):
            rows[name] = np.arange(count) % 2
        elif name.endswith("psize_A"):
            rows[name] = 1.5
        elif name.endswith("/class_posterior"):
            rows[name] = random.dirichlet(np.ones(3), count)[:, 0].reshape(-1) if column.ndim == 1 else \
                random.dirichlet(np.ones(column.shape[1]), count)
    if "blob/path" in rows.dtype.names:
        rows["blob/path"] = [b">J3/extract/a.mrc"] * 4 + [b"J3/extract/b.mrc"] * 2
        rows["blob/idx"] = [0, 1, 2, 3, 1, 0]
        rows["blob/shape"] = 8
        rows["blob/sign"] = -1
    if "ctf/df1_A" in rows.dtype.names:
        rows["ctf/type"] = b"patch"
        rows["ctf/exp_group_id"] = [3, 3, 3, 3, 5, 5]
        rows["ctf/accel_kv"], rows["ctf/cs_mm"], rows["ctf/amp_contrast"] = 300, 2.7, 0.1
        rows["ctf/df1_A"] = random.uniform(8000, 20000, count)
        rows["ctf/df2_A"] = rows["ctf/df1_A"] - 300
        rows["ctf/df_angle_rad"] = random.uniform(-3, 3, count)
        rows["ctf/phase_shift_rad"] = random.uniform(0, 1, count)
        rows["ctf/tilt_A"] = [[0, 0], [15000, 0]] + [[0, 0]] * 4
    return rows


def save(name, rows):
    with open(f"cryosparc_{name}.cs", "wb") as file:
        np.save(file, rows)
    return rows


refined = save("refinement", table(blob + ctf + group("alignments3D")))
names = [name for name in refined.dtype.names if name != "uid"]
for name, chosen in [("poses", True), ("passthrough", False)]:
    kept = ["uid"] + [name for name in names if name.startswith("alignments") == chosen]
    # The passthrough file has another order of rows.
    save(name, repack_fields(refined[kept])[:: 1 if chosen else -1])
multi = save("heterogeneous", table(blob + ctf + group("alignments3D_multi", 3)))
abinit = save(
    "abinitio", table(blob + ctf + group("alignments_class3D_0") + group("alignments_class3D_1")))
save(
    "classification",
    table(blob + ctf + group("alignments3D") + [("alignments3D_multi/class_posterior", "<f4", (4,))]))
save("classes2D", table(blob + ctf + [("alignments2D/pose", "<f4"), ("alignments2D/shift", "<f4", (2,))]))


def read(path):
    with tempfile.TemporaryDirectory() as folder:
        poses, params = folder + "/poses.pkl", folder + "/ctf.pkl"
        parse_pose_csparc.main(SimpleNamespace(input=path, abinit=False, hetrefine=False, o=poses, D=None))
        parse_ctf_csparc.main(SimpleNamespace(cs=path, o=params, png=None, D=None, Apix=None))
        with open(poses, "rb") as file:
            rotations, shifts = pickle.load(file)
        with open(params, "rb") as file:
            return rotations, shifts, pickle.load(file)


def facts(path, rows):
    rotations, shifts, params = read(path)
    box = np.load(path)["blob/shape"][0, 0]
    return {
        "rows": rows,
        "rotations": [rotations[k].reshape(-1).tolist() for k in rows],
        "shifts": [(shifts[k] * box).tolist() for k in rows],
        "ctf": [params[k].tolist() for k in rows],
    }


result = {
    "refinement": facts("cryosparc_refinement.cs", list(range(count))),
    "heterogeneous": {
        "probabilities": multi["alignments3D_multi/class_posterior"].tolist(),
        "poses": multi["alignments3D_multi/pose"].tolist(),
        "shifts": multi["alignments3D_multi/shift"].tolist(),
    },
    "abinitio": {
        "probabilities": [
            [float(abinit[f"alignments_class3D_{k}/class_posterior"][row]) for k in range(2)]
            for row in range(count)
        ],
        "poses": [[abinit[f"alignments_class3D_{k}/pose"][row].tolist() for k in range(2)] for row in range(count)],
    },
}
if len(sys.argv) > 1:
    path = os.path.join(sys.argv[1], "cryosparc_P12_J24_001_particles.cs")
    result["P12_J24"] = facts(path, list(range(0, 2019, 97)))
with open("cryosparc.json", "w") as file:
    json.dump(result, file)
