#!/usr/bin/env python3
"""Projections of a small map by RELION: relion_project at given angles, with and without the CTF.

  python make_relion_projections.py     writes projections.mrc, projections.mrcs, projections_ctf.mrcs
                                        and projections.json beside this script; needs numpy, mrcfile
                                        and RELION 3.1

The map is a chain of Gaussian balls without any symmetry, hand included, inside the radius that fits the
box at every angle. RELION pads it twice and interpolates its transform linearly.
"""
import json
import os
import subprocess
import tempfile

import mrcfile
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BOX, PIXEL, COUNT, WITH_CTF = 24, 3.0, 20, 4
OPTICS = dict(voltage=300, sphericalAberration=2.7, amplitudeContrast=0.1)
GROUP = ["OpticsGroup", "OpticsGroupName", "Voltage", "SphericalAberration", "AmplitudeContrast",
         "ImagePixelSize", "ImageSize", "ImageDimensionality"]
PARTICLES = ["AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst", "DefocusU", "DefocusV",
             "DefocusAngle", "ImageName", "OpticsGroup"]


def table(name, columns, rows):
    head = f"# version 30001\n\ndata_{name}\n\nloop_\n"
    head += "".join(f"_rln{c} #{i + 1}\n" for i, c in enumerate(columns))
    return head + "".join(" ".join(str(v) for v in r) + "\n" for r in rows) + "\n"


def volume(random):
    z, y, x = np.meshgrid(*[np.arange(BOX) - BOX // 2] * 3, indexing="ij")
    out = np.zeros((BOX, BOX, BOX))
    place, direction = np.array([-5.0, -3.0, 1.0]), np.array([1.0, 0.2, 0.1])
    for k in range(24):
        out += (1 + 0.5 * random.random()) * np.exp(
            -((x - place[0]) ** 2 + (y - place[1]) ** 2 + (z - place[2]) ** 2) / (2 * 1.2 ** 2))
        direction = direction + 0.6 * random.normal(size=3) - 0.012 * place * (np.linalg.norm(place) > 4)
        direction /= np.linalg.norm(direction)
        step = place + 1.6 * direction
        if np.linalg.norm(step) > 7:
            direction = -place / np.linalg.norm(place)
            step = place + 1.6 * direction
        place = step
    return out.astype(np.float32)


def project(folder, poses, ctf):
    rows = [(*p["euler"], 0, 0, p["defocusU"], p["defocusV"], p["defocusAngle"], f"{i + 1}@none.mrcs", 1)
            for i, p in enumerate(poses)]
    group = (1, "group1", *OPTICS.values(), PIXEL, BOX, 2)
    with open(f"{folder}/in.star", "w") as f:
        f.write(table("optics", GROUP, [group]))
        f.write(table("particles", PARTICLES, rows))
    command = ["relion_project", "--i", "map.mrc", "--ang", "in.star", "--o", "out", "--angpix", str(PIXEL)]
    subprocess.run(command + (["--ctf"] if ctf else []), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return mrcfile.read(f"{folder}/out.mrcs").copy()


def write(name, values):
    with mrcfile.new(os.path.join(HERE, name), overwrite=True) as m:
        m.set_data(values)
        m.voxel_size = PIXEL


random = np.random.default_rng(7)
density = volume(random)
poses = []
for _ in range(COUNT):
    tilt = np.degrees(np.arccos(random.uniform(-1, 1)))
    euler = [round(float(a), 3) for a in (random.uniform(-180, 180), tilt, random.uniform(-180, 180))]
    defocus = round(float(random.uniform(6000, 14000)), 1)
    poses.append(dict(euler=euler, defocusU=defocus, defocusV=round(defocus - 700, 1),
                      defocusAngle=round(float(random.uniform(0, 180)), 2)))
with tempfile.TemporaryDirectory() as folder:
    with mrcfile.new(f"{folder}/map.mrc") as m:
        m.set_data(density)
        m.voxel_size = PIXEL
    # Half-precision numbers keep the files small; their rounding, 5e-4, is far below what the test looks for.
    write("projections.mrcs", project(folder, poses, False).astype(np.float16))
    write("projections_ctf.mrcs", project(folder, poses[:WITH_CTF], True).astype(np.float16))
write("projections.mrc", density.astype(np.float16))
with open(os.path.join(HERE, "projections.json"), "w") as f:
    json.dump(dict(OPTICS, pixelSize=PIXEL, poses=poses), f)
