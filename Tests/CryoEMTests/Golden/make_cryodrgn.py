"""Makes cryodrgn.star, cryodrgn_poses.pkl, cryodrgn_ctf.pkl and cryodrgn_rows.pkl, which CryoDRGNTests reads:
the pickles are what cryoDRGN (PyPI, 4.3) makes of the STAR file. Run in this folder: python make_cryodrgn.py"""
import pickle
from types import SimpleNamespace

import numpy as np
from cryodrgn.commands import parse_ctf_star, parse_pose_star

random = np.random.default_rng(11)
count = 5
labels = [
    "rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst", "rlnOriginYAngst",
    "rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle", "rlnPhaseShift", "rlnOpticsGroup",
]
optics = [
    "rlnOpticsGroup", "rlnOpticsGroupName", "rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast",
    "rlnImagePixelSize", "rlnImageSize", "rlnImageDimensionality",
]


def block(name, labels, rows):
    lines = [f"data_{name}", "", "loop_"] + [f"_{label} #{k + 1}" for k, label in enumerate(labels)]
    return "\n".join(lines + [" ".join(map(str, row)) for row in rows]) + "\n\n"


rows = []
for k in range(count):
    u = random.uniform(9000, 20000)
    angles = random.uniform([-180, 0, -180], [180, 180, 180])
    shifts = random.uniform(-4, 4, 2)
    rows.append(
        [f"{k + 1}@cryodrgn.mrcs"] + [f"{v:.6f}" for v in [*angles, *shifts, u, u - 250, random.uniform(0, 90)]]
        + ["10", "1"])
with open("cryodrgn.star", "w") as file:
    file.write(block("optics", optics, [[1, "opticsGroup1", 300, 2.7, 0.1, 2.0, 8, 2]]))
    file.write(block("particles", labels, rows))
none = {"D": None, "Apix": None, "kv": None, "cs": None, "w": None, "ps": None, "png": None}
parse_pose_star.main(SimpleNamespace(input="cryodrgn.star", outpkl="cryodrgn_poses.pkl", **none))
parse_ctf_star.main(SimpleNamespace(star="cryodrgn.star", o="cryodrgn_ctf.pkl", **none))
with open("cryodrgn_rows.pkl", "wb") as file:
    pickle.dump(np.array([4, 0, 2]), file)
