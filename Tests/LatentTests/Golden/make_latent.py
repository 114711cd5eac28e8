"""Golden values of LatentTests, from scikit-learn, SciPy and umap-learn.

    python make_latent.py        writes latent.json beside this script

The data sets come from data_sets.py, whose arithmetic LatentTests/DataSets.swift repeats, so only results are
stored.
"""
import json
import os

import numpy as np
import umap
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix
from umap.umap_ import find_ab_params

from data_sets import blobs, lobes, roll


def entropy(found, truth):
    p = contingency_matrix(truth, found).T.astype(float)
    p /= p.sum(1, keepdims=True)
    return float(-(p * np.log10(np.where(p > 0, p, 1))).sum(1).mean())


def accuracy(found, truth):
    c = contingency_matrix(truth, found)
    r, k = linear_sum_assignment(-c)
    return float(c[r, k].sum() / c.sum())


def agreement(name, found, truth):
    return dict(name=name, clusters=[int(v) for v in found], classes=[int(v) for v in truth],
                entropy=entropy(found, truth), ari=adjusted_rand_score(truth, found),
                nmi=normalized_mutual_info_score(truth, found), accuracy=accuracy(found, truth))


def main():
    sets = {"blobs": blobs(1000, 8, 8, 1, 1.5)[0], "roll": roll(1000, 2)[0], "lobes": lobes(1200, 3)}
    out = {"kmeans": [], "pca": [], "umap": [], "agreement": [], "curve": [], "spearman": [], "linkage": []}

    for name, k in [("blobs", 8), ("roll", 12), ("lobes", 6)]:
        fit = KMeans(k, n_init=10, random_state=0).fit(sets[name])
        out["kmeans"].append(dict(set=name, clusters=k, inertia=float(fit.inertia_)))
    for name, x in sets.items():
        p = PCA().fit(x.astype(float))
        out["pca"].append(dict(set=name, variance=p.explained_variance_.tolist(),
                               first=p.components_[0].tolist(),
                               traversal=np.percentile(p.transform(x.astype(float))[:, 0], [5, 95]).tolist()))
    for name in ["blobs", "roll"]:
        x = sets[name]
        layouts = [umap.UMAP(random_state=s).fit_transform(x) for s in range(3)]
        t = [float(trustworthiness(x, y, n_neighbors=15)) for y in layouts]
        y = umap.UMAP(random_state=0, init="pca").fit_transform(x)
        out["umap"].append(dict(set=name, trustworthiness=t,
                                trustworthinessFromPCA=float(trustworthiness(x, y, n_neighbors=15)),
                                fixed=float(trustworthiness(x, x[:, :2], n_neighbors=15))))
    g = np.random.default_rng(0)
    truth = g.integers(0, 5, 120)
    noisy = np.where(g.random(120) < 0.3, g.integers(0, 5, 120), truth)
    out["agreement"] = [
        agreement("noisy", noisy, truth), agreement("finer", noisy * 2 + g.integers(0, 2, 120), truth),
        agreement("coarser", noisy // 2, truth), agreement("chance", g.integers(0, 7, 120), truth),
        agreement("equal", truth + 3, truth), agreement("one cluster", np.zeros(120, int), truth)]
    for d, s in [(0.1, 1.0), (0.0, 1.0), (0.5, 1.0), (0.3, 2.0)]:
        a, b = find_ab_params(s, d)
        out["curve"].append(dict(minimumDistance=d, spread=s, a=float(a), b=float(b)))
    a = g.normal(size=60).round(1)
    b = (a + g.normal(size=60)).round(1)
    out["spearman"] = [dict(x=a.tolist(), y=b.tolist(), rho=float(spearmanr(a, b)[0]))]
    for n, seed in [(2, 4), (9, 5), (24, 6)]:
        x = lobes(n, seed)
        z = linkage(pdist(x.astype(float)), "average")
        out["linkage"].append(dict(rows=n, seed=seed, leaves=leaves_list(z).tolist(),
                                   heights=z[:, 2].tolist()))

    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "latent.json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
