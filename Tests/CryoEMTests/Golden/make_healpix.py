#!/usr/bin/env python3
"""Golden values of the sphere's division into pixels, from healpy (the reference implementation).

  python make_healpix.py        writes healpix.json beside this script
"""
import json
import os

import healpy
import numpy as np

rng = np.random.default_rng(7)
out = []
for nside in (1, 2, 4, 8, 32, 1024, 2**29):
    count = 30
    theta = np.arccos(rng.uniform(-1, 1, count))
    phi = rng.uniform(-7, 14, count)
    # The poles, the borders of the polar caps, and directions close to them.
    theta[:8] = [0, np.pi, 1e-9, np.pi - 1e-9, np.arccos(2 / 3), np.arccos(-2 / 3), 1e-4, np.pi / 2]
    pixels = 12 * nside * nside
    some = range(pixels) if pixels <= 48 else [0, *rng.integers(0, pixels, 20), pixels - 1]
    some = [int(p) for p in some]
    centres = healpy.pix2ang(nside, some, nest=True)
    out.append(dict(
        nside=nside, theta=theta.tolist(), phi=phi.tolist(),
        nested=healpy.ang2pix(nside, theta, phi, nest=True).tolist(),
        ring=healpy.ang2pix(nside, theta, phi, nest=False).tolist(),
        pixels=some, pixelTheta=centres[0].tolist(), pixelPhi=centres[1].tolist(),
        ringOfNested=healpy.nest2ring(nside, some).tolist(),
        nestedOfRing=healpy.ring2nest(nside, some).tolist()))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "healpix.json"), "w") as f:
    json.dump(out, f)
