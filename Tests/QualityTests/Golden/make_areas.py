"""Golden values of CorrelationAreaTests: areas under curves by scikit-learn.

    python make_areas.py        writes areas.json beside this script

Curves are correlations at the shells 0 ... N/2 of boxes of N; the area is that of the magnitudes over 0 ... 0.5
cycles per pixel, 1 at the frequency 0.
"""
import json
import os

import numpy as np
from sklearn.metrics import auc


def main():
    g = np.random.default_rng(5)
    cases = []
    for side in (8, 32, 64):
        curve = np.clip(np.linspace(1.1, -0.1, side // 2 + 1) + 0.1 * g.normal(size=side // 2 + 1), -1, 1)
        heights = np.abs(curve)
        heights[0] = 1
        cases.append(dict(curve=curve.tolist(), area=float(auc(np.arange(side // 2 + 1) / side, heights))))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "areas.json"), "w") as f:
        json.dump(cases, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
