"""The verdicts of `dsd null` on simulated sets of one and of eight structures that are alike in all else.

    python Benchmarks/null.py FOLDER [--program .build/release/dsd] [--homogeneous 20] [--dumbbells 6]
                              [--count 1500] [--box 32] [--pixel-size 8] [--snr 0.1] [--epochs N] [--threads 2]

Both kinds have the same number of images, box, SNR and training; set and training of seed s are new draws of poses,
CTFs, noise and weights. What FOLDER already has is not made again, so that an interrupted run goes on. Prints a line
for every set and the table at the end: of the components called real the highest score, else the highest score of
all; for the dumbbells also the agreement of eight clusters with the true states (adjusted Rand index), which says
whether the run has separated anything.
"""
import argparse
import json
import os
import shutil
import subprocess
import time


def call(options, *words):
    done = subprocess.run([options.program, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"dsd {' '.join(words)}\n{done.stderr[-2000:]}")
    return done.stdout


def measured(options, kind, seed):
    """The findings of one set, made where they are missing."""
    home = os.path.join(options.folder, f"{kind}{seed}")
    particles, run = os.path.join(home, "set"), os.path.join(home, "run")
    record = os.path.join(home, "result.json")
    if os.path.exists(record):
        with open(record) as file:
            return json.load(file)
    threads = ["--threads", str(options.threads)]
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    call(options, "simulate", "--phantom", "dumbbell", "--states", "8" if kind == "dumbbell" else "1",
         "--count", str(options.count), "--box", str(options.box), "--pixel-size", str(options.pixel_size),
         "--snr", str(options.snr), "--seed", str(seed), "--output", particles, *threads)
    train = ["train", os.path.join(particles, "particles.star"), "--mask", os.path.join(particles, "mask.mrc"),
             "--seed", str(seed), "--output", run, *threads]
    if options.epochs:
        train += ["--epochs", str(options.epochs)]
    for value in options.set:
        train += ["--set", value]
    start = time.time()
    call(options, *train)
    trained = time.time() - start
    start = time.time()
    found = json.loads(call(options, "null", run, "--json", *threads))
    result = dict(kind=kind, seed=seed, trainSeconds=trained, nullSeconds=time.time() - start, null=found)
    if kind == "dumbbell":
        score = call(options, "score", run, "--truth", os.path.join(particles, "truth.npz"), "--json")
        result["score"] = json.loads(score)
    with open(record + ".new", "w") as file:
        json.dump(result, file, indent=1)
    os.rename(record + ".new", record)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("folder")
    parser.add_argument("--program", default=os.path.join(here, "..", ".build", "release", "dsd"))
    parser.add_argument("--homogeneous", type=int, default=20)
    parser.add_argument("--dumbbells", type=int, default=6)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--box", type=int, default=32)
    parser.add_argument("--pixel-size", type=float, default=8)
    parser.add_argument("--snr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    # Dumbbells in between, so that a run that is cut short has both kinds.
    sets = [("homogeneous", k + 1) for k in range(options.homogeneous)]
    for k in range(options.dumbbells):
        sets.insert(min(len(sets), 1 + k * (1 + max(1, options.homogeneous // max(1, options.dumbbells)))),
                    ("dumbbell", k + 1))
    results = []
    for kind, seed in sets:
        result = measured(options, kind, seed)
        results.append(result)
        print(line(result), flush=True)
    print()
    for kind in ["homogeneous", "dumbbell"]:
        some = [r for r in results if r["kind"] == kind]
        found = sum(r["null"]["isHeterogeneous"] for r in some)
        print(f"{kind}: {found} of {len(some)} called heterogeneous")


def line(result):
    found = result["null"]
    real = [c for c in found["components"] if c["isReal"]] or found["components"]
    top = max(real, key=lambda c: c["score"])
    text = (f"{result['kind']:12} {result['seed']:3}  {'heterogeneity' if found['isHeterogeneous'] else 'none':14}"
            f" score {top['score']:7.1f} ratio {top['ratio']:6.2f}  {found['images']} images"
            f"  train {result['trainSeconds']:5.0f} s  null {result['nullSeconds']:5.0f} s")
    if "score" in result:
        text += f"  ARI {result['score']['partition']['adjustedRandIndex']:.2f}"
    return text


if __name__ == "__main__":
    main()
