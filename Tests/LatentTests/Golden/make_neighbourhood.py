"""Golden values of TruthNearnessTests, from scikit-learn and SciPy.

    python make_neighbourhood.py        writes neighbourhood.json beside this script

Nearness in truth is spelled out particle by particle: every other particle of the same state, or where states
have positions every one no farther than the k-th nearest.
"""
import json
import os

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from sklearn.neighbors import NearestNeighbors


def case(name, codes, states, positions, k):
    n = len(states)
    codes = codes.astype(np.float32)
    found = NearestNeighbors(n_neighbors=k).fit(codes.astype(float)).kneighbors(return_distance=False)
    if positions is None:
        near = states[:, None] == states[None]
    else:
        d = cdist(positions[states], positions[states])
        np.fill_diagonal(d, np.inf)
        radius = np.sort(d, axis=1)[:, k - 1]
        near = d <= radius[:, None] + 1e-9
    np.fill_diagonal(near, False)
    kept = np.mean([near[i, found[i]].mean() for i in range(n)])
    rho = None
    if positions is not None:
        places = positions[states]
        read = places[found].mean(1)
        rho = float(np.mean([spearmanr(places[:, c], read[:, c])[0] for c in range(places.shape[1])]))
    return dict(name=name, codes=codes.round(5).tolist(), states=states.tolist(),
                positions=None if positions is None else positions.tolist(), neighbours=k, kept=float(kept),
                byChance=float(near.sum() / (n * (n - 1))), spearman=rho)


def main():
    g = np.random.default_rng(3)
    states = g.integers(0, 4, 60)
    codes = (g.normal(size=(4, 3))[states] + 0.7 * g.normal(size=(60, 3))).round(5)
    discrete = case("discrete", codes, states, None, 5)
    angle = 2 * np.pi * np.arange(12) / 12
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    states = g.integers(0, 12, 60)
    codes = (circle[states] + 0.3 * g.normal(size=(60, 2))).round(5)
    ring = case("circle", codes, states, circle, 7)
    line = g.uniform(size=(20, 2))
    states = np.arange(60) % 20
    codes = (line[states] @ g.normal(size=(2, 4)) + 0.2 * g.normal(size=(60, 4))).round(5)
    plane = case("plane", codes, states, line, 6)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "neighbourhood.json")
    with open(path, "w") as f:
        json.dump(dict(neighbourhood=[discrete, ring, plane]), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
