"""UMAP of synthetic codes by this program and by umap-learn, one after the other on the same data and cores.

    python Benchmarks/layout.py [--rows 100000] [--columns 8] [--threads 2] [--repeats 1]

Wants `swift build -c release --product LatentBenchmark` beforehand and umap-learn with scikit-learn in this Python.
Prints the seconds of every repeat, their medians, the ratio, and the trustworthiness of both layouts on 3000 rows.
umap-learn is timed after a small warm-up, so that its just-in-time compilation is not counted.
"""
import argparse
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
    options = parser.parse_args()
    for name in ["OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
        os.environ[name] = str(options.threads)
    import numpy as np
    import umap
    from sklearn.manifold import trustworthiness

    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".build", "release", "LatentBenchmark")
    x = codes(np, options.rows, options.columns)
    umap.UMAP(n_jobs=options.threads).fit_transform(x[:5000])
    own, other = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "codes.npy")
        np.save(path, x)
        for _ in range(options.repeats):
            out = subprocess.run([program, path, "--only", "umap", "--threads", str(options.threads)],
                                 check=True, capture_output=True, text=True).stdout
            own.append(json.loads(out)["umap"])
            start = time.time()
            theirs = umap.UMAP(n_jobs=options.threads).fit_transform(x)
            other.append(time.time() - start)
        ours = np.load(os.path.join(folder, "codes-layout.npy"))
    kept = np.random.default_rng(1).choice(len(x), 3000, replace=False)
    print(json.dumps(dict(
        rows=options.rows, columns=options.columns, threads=options.threads, umapLearn=umap.__version__,
        seconds=own, umapLearnSeconds=other, ratio=statistics.median(other) / statistics.median(own),
        trustworthiness=float(trustworthiness(x[kept], ours[kept], n_neighbors=15)),
        umapLearnTrustworthiness=float(trustworthiness(x[kept], theirs[kept], n_neighbors=15))), indent=1))


if __name__ == "__main__":
    main()
