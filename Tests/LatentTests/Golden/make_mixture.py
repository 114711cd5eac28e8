"""Golden values of MixtureTests, from scikit-learn's GaussianMixture.

    python make_mixture.py       writes mixture.json beside this script

The data sets come from data_sets.py. Every mixture starts from the parameters of given
labels, so that both programs climb from the same place.
"""
import json
import os

import numpy as np
from sklearn.mixture import GaussianMixture

from data_sets import blobs, lobes

def fit(name, x, components, modulus, iterations):
    x = x.astype(float)
    labels = np.arange(len(x)) % modulus % components
    weights, means, precisions = [], [], []
    for k in range(components):
        part = x[labels == k]
        weights.append(len(part) / len(x))
        means.append(part.mean(0))
        covariance = np.cov(part.T, bias=True) + 1e-6 * np.eye(x.shape[1])
        precisions.append(np.linalg.inv(covariance))
    model = GaussianMixture(
        components, tol=1e-3, max_iter=iterations, weights_init=weights, means_init=means,
        precisions_init=precisions).fit(x)
    return dict(set=name, components=components, modulus=modulus, maximumIterations=iterations,
                logLikelihood=float(model.score(x)), bic=float(model.bic(x)), iterations=int(model.n_iter_),
                converged=bool(model.converged_), weights=sorted(float(w) for w in model.weights_),
                labels=[int(v) for v in model.predict(x)[:40]])


def main():
    sets = {"blobs": blobs(1000, 8, 8, 1, 1.5)[0], "lobes": lobes(1200, 3)}
    cases = [("blobs", 8, 8, 100), ("blobs", 4, 8, 100), ("blobs", 3, 7, 200), ("lobes", 1, 1, 100),
             ("lobes", 3, 3, 200), ("lobes", 2, 5, 5)]
    out = [fit(name, sets[name], *rest) for name, *rest in cases]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mixture.json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
