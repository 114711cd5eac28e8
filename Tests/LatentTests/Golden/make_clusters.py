"""Golden values of StateClustersTests: Ward's method of SciPy, the silhouette of scikit-learn.

    python make_clusters.py       writes clusters.json beside this script

The data sets come from data_sets.py.
"""
import json
import os

import numpy as np
from scipy.cluster.hierarchy import fcluster, ward
from sklearn.metrics import silhouette_score

from data_sets import blobs, lobes


def main():
    out = {"ward": [], "silhouette": []}
    for n, seed in [(2, 4), (9, 5), (60, 6)]:
        z = ward(lobes(n, seed).astype(float))
        groups = fcluster(z, min(5, n), "maxclust")
        out["ward"].append(dict(rows=n, seed=seed, heights=z[:, 2].tolist(), groups=groups.tolist()))
    for name, x, modulus in [("blobs", blobs(1000, 8, 8, 1, 1.5)[0], 8), ("blobs", blobs(1000, 8, 8, 1, 1.5)[0], 5),
                             ("lobes", lobes(1200, 3), 3)]:
        value = silhouette_score(x.astype(float), np.arange(len(x)) % modulus)
        out["silhouette"].append(dict(set=name, modulus=modulus, value=float(value)))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "clusters.json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
