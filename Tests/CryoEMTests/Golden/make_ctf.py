#!/usr/bin/env python3
"""Golden values of the contrast transfer function, from RELION: relion_project --ctf on one bright voxel.

  python make_ctf.py        writes ctf.json beside this script; needs numpy, mrcfile and RELION 3.1

The transform of a voxel at the box centre is 1, so the transform of its projection is RELION's own CTF, sign
included. RELION reads --angpix as a float, so pixel sizes here are exact in one. It leaves frequencies at and
beyond Nyquist empty; those are null.
"""
import json
import os
import subprocess
import tempfile

import mrcfile
import numpy as np

BOX = 16
# kV, Cs in mm, amplitude contrast
GROUPS = [(300, 2.7, 0.1), (200, 0.01, 0.07), (300, 0.0, 0.0), (120, 2.0, 0.2)]
# U and V in A, angle and phase shift in degrees
DEFOCUS = [(500, 500, 0, 0), (8000, 7600, 30, 0), (15301.1, 14916.4, 5.28, 0), (21000, 24500, 110, 0),
           (31000, 30000, -45, 37.5)]
PARTICLES = ["AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst", "DefocusU", "DefocusV",
             "DefocusAngle", "PhaseShift", "ImageName", "OpticsGroup"]
OPTICS = ["OpticsGroup", "OpticsGroupName", "Voltage", "SphericalAberration", "AmplitudeContrast",
          "ImagePixelSize", "ImageSize", "ImageDimensionality"]


def table(name, columns, rows):
    head = f"\ndata_{name}\n\nloop_\n" + "".join(f"_rln{c} #{i + 1}\n" for i, c in enumerate(columns))
    return head + "".join(" ".join(str(v) for v in r) + "\n" for r in rows)


def transfer(pixel_size, folder):
    delta = np.zeros((BOX, BOX, BOX), np.float32)
    delta[BOX // 2, BOX // 2, BOX // 2] = 1
    with mrcfile.new(f"{folder}/delta.mrc", overwrite=True) as m:
        m.set_data(delta)
        m.voxel_size = pixel_size
    optics = [(i + 1, f"group{i + 1}", kv, cs, w, pixel_size, BOX, 2) for i, (kv, cs, w) in enumerate(GROUPS)]
    rows, truth = [], []
    for g, (kv, cs, w) in enumerate(GROUPS):
        for u, v, angle, phase in DEFOCUS:
            rows.append((0, 0, 0, 0, 0, u, v, angle, phase, f"{len(rows) + 1}@none.mrcs", g + 1))
            truth.append(dict(pixelSize=pixel_size, defocusU=u, defocusV=v, defocusAngle=angle, voltage=kv,
                              sphericalAberration=cs, amplitudeContrast=w, phaseShift=phase))
    with open(f"{folder}/in.star", "w") as f:
        f.write("# version 30001\n" + table("optics", OPTICS, optics) + "\n# version 30001\n")
        f.write(table("particles", PARTICLES, rows))
    subprocess.run(["relion_project", "--i", "delta.mrc", "--ang", "in.star", "--o", "out", "--ctf",
                    "--angpix", str(pixel_size)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    images = mrcfile.read(f"{folder}/out.mrcs").astype(np.float64)
    f = np.fft.rfft2(np.fft.ifftshift(images, axes=(1, 2)))
    assert np.abs(f.imag).max() < 1e-5
    k = np.hypot(np.fft.fftfreq(BOX)[:, None], np.fft.rfftfreq(BOX)[None]) * BOX
    keep = k < BOX / 2 - 0.5
    for t, plane in zip(truth, f.real):
        t["values"] = [round(float(x), 7) if ok else None for x, ok in zip(plane.ravel(), keep.ravel())]
    return truth


with tempfile.TemporaryDirectory() as folder:
    out = dict(box=BOX, cases=transfer(1.125, folder) + transfer(3.0, folder))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ctf.json"), "w") as f:
    json.dump(out, f)
