#!/usr/bin/env python3
"""Golden values of masks and shell correlations: a mask of relion_mask_create, curves of numpy and of RELION.

  python make_maps.py        writes maps.json and mask.mrc beside this script;
                             needs numpy, mrcfile and RELION 3.1

The two maps are sums of Gaussians given in maps.json, so that a test can make them again.
"""
import json
import os
import subprocess
import tempfile

import mrcfile
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BOX, PIXEL = 16, 3.0
MASK = dict(threshold=0.3, extend=2, edge=3)


def blobs(rng, count):
    """Rows x, y, z (voxels from the centre), height, sigma (voxels)."""
    return [[round(float(v), 4) for v in (*rng.uniform(-3, 3, 3), rng.uniform(0.5, 1), rng.uniform(0.8, 1.3))]
            for _ in range(count)]


def density(rows):
    axis = np.arange(BOX) - BOX // 2
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return sum(h * np.exp(-((x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2) / (2 * s * s))
               for a, b, c, h, s in rows)


def correlation(a, b):
    fa, fb = np.fft.fftn(a), np.fft.fftn(b)
    k = np.fft.fftfreq(BOX) * BOX
    shell = np.round(np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + k ** 2)).astype(int).ravel()
    total = lambda v: np.bincount(shell, v.ravel(), BOX)[:BOX // 2 + 1]
    return (total((fa * fb.conj()).real) / np.sqrt(total(abs(fa) ** 2) * total(abs(fb) ** 2))).tolist()


def write(path, values):
    with mrcfile.new(path, overwrite=True) as m:
        m.set_data(values.astype(np.float32))
        m.voxel_size = PIXEL


rng = np.random.default_rng(11)
first, second = blobs(rng, 5), blobs(rng, 3)
second += first[:3]
a, b = density(first), density(second)
with tempfile.TemporaryDirectory() as folder:
    write(f"{folder}/a.mrc", a)
    write(f"{folder}/b.mrc", b)
    subprocess.run(["relion_mask_create", "--i", "a.mrc", "--o", "mask.mrc", "--angpix", str(PIXEL),
                    "--ini_threshold", str(MASK["threshold"]), "--extend_inimask", str(MASK["extend"]),
                    "--width_soft_edge", str(MASK["edge"])],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)
    mask = mrcfile.read(f"{folder}/mask.mrc")
    text = subprocess.run(["relion_image_handler", "--i", "a.mrc", "--fsc", "b.mrc", "--angpix", str(PIXEL)],
                          cwd=folder, check=True, capture_output=True, text=True).stdout
write(f"{HERE}/mask.mrc", mask)
relion = [float(line.split()[3]) for line in text.splitlines() if line.strip()[:1].isdigit()]
with open(f"{HERE}/maps.json", "w") as f:
    json.dump(dict(box=BOX, pixelSize=PIXEL, first=first, second=second, mask=MASK, fsc=correlation(a, b),
                   maskedFSC=correlation(a * mask, b * mask), relionFSC=relion), f)
