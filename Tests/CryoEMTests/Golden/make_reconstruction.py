#!/usr/bin/env python3
"""Golden values of the CTF-corrected reconstruction, from relion_reconstruct.

  python make_reconstruction.py    writes reconstruction.json and reconstruction.mrc beside this script;
                                   needs numpy, mrcfile and RELION 3.1

Images are exact projections of Gaussians (given in the JSON) at random views, shifted, times RELION's CTF: a
test makes the same images and compares its own map with RELION's.
"""
import json
import os
import subprocess
import tempfile

import mrcfile
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BOX, PIXEL, COUNT = 20, 4.0, 400
KV, CS, CONTRAST = 300.0, 2.7, 0.1
COLUMNS = ["AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst", "DefocusU", "DefocusV",
           "DefocusAngle", "ImageName", "OpticsGroup"]
OPTICS = ["OpticsGroup", "OpticsGroupName", "Voltage", "SphericalAberration", "AmplitudeContrast",
          "ImagePixelSize", "ImageSize", "ImageDimensionality"]


def table(name, columns, rows):
    head = f"\ndata_{name}\n\nloop_\n" + "".join(f"_rln{c} #{i + 1}\n" for i, c in enumerate(columns))
    return head + "".join(" ".join(str(v) for v in r) + "\n" for r in rows)


def matrix(rot, tilt, psi):
    z = lambda a: np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    y = lambda b: np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    rot, tilt, psi = np.deg2rad([rot, tilt, psi])
    return z(psi) @ y(tilt) @ z(rot)


rng = np.random.default_rng(5)
# x, y, z (voxels from the centre), height (density), sigma (voxels)
blobs = [[round(float(v), 4) for v in (*rng.uniform(-4, 4, 3), rng.uniform(0.5, 1), rng.uniform(0.7, 1.0))]
         for _ in range(12)]
# rot, tilt, psi (degrees), origin x, y (A), defocus U, V (A), defocus angle (degrees)
views = [[round(float(v), 3) for v in (
    rng.uniform(-180, 180), np.rad2deg(np.arccos(rng.uniform(-1, 1))), rng.uniform(-180, 180),
    rng.uniform(-6, 6), rng.uniform(-6, 6), rng.uniform(8000, 20000), rng.uniform(8000, 20000),
    rng.uniform(0, 180))] for _ in range(COUNT)]
kx, ky = np.fft.rfftfreq(BOX)[None], np.fft.fftfreq(BOX)[:, None]
s2, angle = (kx ** 2 + ky ** 2) / PIXEL ** 2, np.arctan2(ky + 0 * kx, kx + 0 * ky)
volts = KV * 1e3
wavelength = 12.2643247 / np.sqrt(volts * (1 + 0.978466e-6 * volts))
images = np.empty((COUNT, BOX, BOX), np.float32)
for n, (rot, tilt, psi, ox, oy, u, v, a) in enumerate(views):
    m = matrix(rot, tilt, psi)
    f = np.zeros((BOX, BOX // 2 + 1), complex)
    for bx, by, bz, height, sigma in blobs:
        x, y, _ = m @ [bx, by, bz] - np.array([ox / PIXEL, oy / PIXEL, 0])
        total = height * (2 * np.pi * sigma ** 2) ** 1.5
        f += total * np.exp(-2 * (np.pi * sigma) ** 2 * (kx ** 2 + ky ** 2) - 2j * np.pi * (kx * x + ky * y))
    defocus = 0.5 * (u + v + (u - v) * np.cos(2 * (angle - np.deg2rad(a))))
    gamma = 2 * np.pi * (-0.5 * defocus * wavelength * s2 + 0.25 * CS * 1e7 * wavelength ** 3 * s2 ** 2)
    f *= -np.sin(gamma - np.arcsin(CONTRAST))
    images[n] = np.fft.fftshift(np.fft.irfft2(f, (BOX, BOX)))
with tempfile.TemporaryDirectory() as folder:
    with mrcfile.new(f"{folder}/images.mrcs") as m:
        m.set_data(images)
        m.voxel_size = PIXEL
    with open(f"{folder}/images.star", "w") as f:
        f.write("# version 30001\n")
        f.write(table("optics", OPTICS, [(1, "group1", KV, CS, CONTRAST, PIXEL, BOX, 2)]))
        f.write("\n# version 30001\n")
        f.write(table("particles", COLUMNS, [(*v, f"{n + 1}@images.mrcs", 1) for n, v in enumerate(views)]))
    subprocess.run(["relion_reconstruct", "--i", "images.star", "--o", "map.mrc", "--ctf",
                    "--angpix", str(PIXEL)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    volume = mrcfile.read(f"{folder}/map.mrc")
with mrcfile.new(f"{HERE}/reconstruction.mrc", overwrite=True) as m:
    m.set_data(volume)
    m.voxel_size = PIXEL
with open(f"{HERE}/reconstruction.json", "w") as f:
    json.dump(dict(box=BOX, pixelSize=PIXEL, voltage=KV, sphericalAberration=CS, amplitudeContrast=CONTRAST,
                   blobs=blobs, views=views), f)
