"""UMAP and k-means of synthetic codes by this program and by umap-learn and scikit-learn, in turn on the same data and
cores.

    python Benchmarks/layout.py [--rows 100000] [--columns 8] [--threads 2] [--repeats 1] [--save]

Wants `swift build -c release --product LatentBenchmark` beforehand and umap-learn with scikit-learn in this Python.
Prints the seconds of every repeat, the ratio of their medians, the trustworthiness of both layouts on 3000 rows and the
inertia of scikit-learn's clusters. Both k-means take the best of 10 starts. umap-learn is timed after a small warm-up,
so that its just-in-time compilation is not counted. --save keeps the result in Benchmarks/results under its date.
"""
import argparse
import datetime
import json
import os
import statistics
import subprocess
import tempfile
import time


def codes(np, rows, columns):
    """Eight clusters, some joined by bridges, as latent codes of a molecule have them."""
    g = np.random.default_rng(0)
    centres = g.normal(size=(8, columns)) * 3
    label = g.integers(0, 8, rows)
    bridge = g.random((rows, 1)) ** 4 * (g.random((rows, 1)) < 0.3)
    x = centres[label] * (1 - bridge) + centres[(label + 1) % 8] * bridge
    return (x + g.normal(size=(rows, columns)) * 0.6).astype(np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    for name in ["OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
        os.environ[name] = str(options.threads)
    import numpy as np
    import sklearn
    import umap
    from sklearn.cluster import KMeans
    from sklearn.manifold import trustworthiness

    here = os.path.dirname(os.path.abspath(__file__))
    program = os.path.join(here, "..", ".build", "release", "LatentBenchmark")
    x = codes(np, options.rows, options.columns)
    umap.UMAP(n_jobs=options.threads).fit_transform(x[:5000])
    own, other, ownClusters, otherClusters = [], [], [], []

    def ours(path, what):
        words = [program, path, "--only", what, "--threads", str(options.threads)]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        return next(iter(json.loads(out).values()))

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "codes.npy")
        np.save(path, x)
        for _ in range(options.repeats):
            own.append(ours(path, "umap"))
            start = time.time()
            theirs = umap.UMAP(n_jobs=options.threads).fit_transform(x)
            other.append(time.time() - start)
            ownClusters.append(ours(path, "kmeans"))
            start = time.time()
            clusters = KMeans(8, n_init=10, max_iter=100).fit(x)
            otherClusters.append(time.time() - start)
        layout = np.load(os.path.join(folder, "codes-layout.npy"))
    kept = np.random.default_rng(1).choice(len(x), 3000, replace=False)
    processor = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    day = datetime.date.today().isoformat()
    result = json.dumps(dict(
        date=day, processor=processor, rows=options.rows, columns=options.columns, threads=options.threads,
        umapLearn=umap.__version__, scikitLearn=sklearn.__version__, seconds=own, umapLearnSeconds=other,
        ratio=statistics.median(other) / statistics.median(own),
        trustworthiness=float(trustworthiness(x[kept], layout[kept], n_neighbors=15)),
        umapLearnTrustworthiness=float(trustworthiness(x[kept], theirs[kept], n_neighbors=15)),
        kMeansSeconds=ownClusters, scikitLearnKMeansSeconds=otherClusters,
        kMeansRatio=statistics.median(otherClusters) / statistics.median(ownClusters),
        scikitLearnInertia=float(clusters.inertia_)), indent=1)
    print(result)
    if options.save:
        with open(os.path.join(here, "results", f"{day}-layout-cpu.json"), "w") as file:
            file.write(result + "\n")


if __name__ == "__main__":
    main()
