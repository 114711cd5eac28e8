"""How near `dsd motion` comes to the true motion on maps of a trained run: a simulated dumbbell, from images to table.

    python Benchmarks/motion.py FOLDER [--program .build/release/dsd] [--count 6000] [--box 64] [--pixel-size 4]
                                [--snr 0.2] [--seed 1] [--threads 2]

The molecule has two lobes and a bridge between them; in five of six states the second lobe is turned and shifted by
known amounts. The set goes through `dsd simulate`, `train`, `analyze` and `motion` with the defaults. The masks are
drawn round the lobes of the resting state, as a docked model would give them. Prints for every cluster how far rotation
and displacement of the lobe are from those of the state that most of its particles show: for the decoded maps and for
the reconstructions, from the map of the cluster that has the resting state, and for the reconstructions as the command
does it by itself, with masks that belong to the consensus and from the state nearest to it. What FOLDER already has is
not made again.
"""
import argparse
import array
import json
import math
import os
import random
import struct
import subprocess

MOVES = [
    (6, (0, 1, 0.3), (4, -2, 3)), (10, (1, 0.2, 0), (0, 6, -2)), (15, (0, 0, 1), (2, 8, 4)),
    (20, (0.5, -1, 0), (-1, -7, 6)), (25, (1, 1, 1), (3, 4, -9)),
]


def ball(g, centre, radius):
    while True:
        p = [g.uniform(-1, 1) for _ in range(3)]
        if sum(v * v for v in p) <= 1:
            return [c + radius * v for c, v in zip(centre, p)]


def molecule(seed):
    """Beads of a reference lobe with the bridge (chain A) and of the lobe that moves (chain B), centred."""
    g = random.Random(seed)
    atoms = []
    for chain, x in [("A", -50.0), ("B", 50.0)]:
        spheres = [((x, 0, 0), 18)]
        for _ in range(5):
            way = ball(g, (0, 0, 0), 1)
            length = math.sqrt(sum(v * v for v in way)) or 1
            spheres.append(([c + 17 * v / length for c, v in zip((x, 0, 0), way)], g.uniform(9, 14)))
        volumes = [r ** 3 for _, r in spheres]
        atoms += [(chain, ball(g, *g.choices(spheres, volumes)[0])) for _ in range(900)]
    atoms += [("A", [v, 3 * math.cos(v), 3 * math.sin(v)]) for v in [-30 + 60 * k / 59 for k in range(60)]]
    middle = [sum(p[k] for _, p in atoms) / len(atoms) for k in range(3)]
    return [(chain, [round(v - m, 3) for v, m in zip(p, middle)]) for chain, p in atoms]


def write_pdb(path, atoms):
    with open(path, "w") as file:
        for chain in "AB":
            for k, (_, (x, y, z)) in enumerate(a for a in atoms if a[0] == chain):
                file.write(f"ATOM  {k % 99999 + 1:5d}  CA  ALA {chain}{k % 9999 + 1:4d}    "
                           f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00           C\n")
        file.write("END\n")


def write_atoms(path, points, box, pixel):
    """A map that is 1 where an atom is, for dsd mask."""
    values = array.array("f", bytes(4 * box ** 3))
    for p in points:
        x, y, z = (round(v / pixel) + box // 2 for v in p)
        values[(z * box + y) * box + x] = 1
    header = struct.pack("<10i3f3f3i3f", box, box, box, 2, 0, 0, 0, box, box, box, *[box * pixel] * 3, 90, 90, 90,
                         1, 2, 3, 0, 1, 0)
    header += struct.pack("<2i", 1, 0) + bytes(8) + b"MRCO" + struct.pack("<i", 20140) + bytes(84)
    header += bytes(12) + b"MAP " + bytes([0x44, 0x44, 0, 0]) + bytes(1024 - 216)
    with open(path, "wb") as file:
        file.write(header[:1024])
        values.tofile(file)


def origin(path):
    """Place of the first voxel of a map, Angstrom."""
    with open(path, "rb") as file:
        return struct.unpack_from("<3f", file.read(1024), 196)


def turn(degrees, axis):
    n = math.sqrt(sum(v * v for v in axis))
    x, y, z = (v / n for v in axis)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    d = 1 - c
    return [[c + x * x * d, x * y * d - z * s, x * z * d + y * s], [y * x * d + z * s, c + y * y * d, y * z * d - x * s],
            [z * x * d - y * s, z * y * d + x * s, c + z * z * d]]


def times(m, v):
    return [sum(a * b for a, b in zip(row, v)) for row in m]


def angle(a, b):
    trace = sum(a[i][k] * b[i][k] for i in range(3) for k in range(3))
    return math.degrees(math.acos(max(-1, min(1, (trace - 1) / 2))))


def move(start, end, point, centre):
    """Turn of the lobe from one state to another, and where the move takes a point."""
    moves = [(0, (0, 0, 1), (0, 0, 0))] + MOVES
    (a, axis_a, shift_a), (b, axis_b, shift_b) = moves[start], moves[end]
    back, there = turn(-a, axis_a), turn(b, axis_b)
    rest = times(back, [p - c - s for p, c, s in zip(point, centre, shift_a)])
    columns = list(zip(*back))
    return ([[sum(u * v for u, v in zip(row, column)) for column in columns] for row in there],
            [p + c + s for p, c, s in zip(times(there, rest), centre, shift_b)])


def call(options, *words):
    done = subprocess.run([options.program, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"dsd {' '.join(words)}\n{done.stderr[-2000:]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("folder")
    parser.add_argument("--program", default=os.path.join(here, "..", ".build", "release", "dsd"))
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--box", type=int, default=64)
    parser.add_argument("--pixel-size", type=float, default=4)
    parser.add_argument("--snr", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    at = lambda *names: os.path.join(options.folder, *names)
    threads = ["--threads", str(options.threads)]
    atoms = molecule(options.seed)
    states = len(MOVES) + 1
    if not os.path.exists(at("set", "particles.star")):
        write_pdb(at("model.pdb"), atoms)
        moves = []
        for degrees, axis, shift in MOVES:
            axis, shift = (",".join(map(str, v)) for v in (axis, shift))
            moves += ["--move", f"B:rotate={degrees}@{axis}:shift={shift}"]
        call(options, "simulate", "--structure", at("model.pdb"), *moves, "--count", str(options.count), "--box",
             str(options.box), "--pixel-size", str(options.pixel_size), "--snr", str(options.snr), "--seed",
             str(options.seed), "--output", at("set"), *threads)
    if not os.path.exists(at("run", "latent", "mean.npy")):
        call(options, "train", at("set", "particles.star"), "--mask", at("set", "mask.mrc"), "--seed",
             str(options.seed), "--output", at("run"), *threads)
    if not os.path.exists(at("run", "report.html")):
        call(options, "analyze", at("run"), "--clusters", str(states), "--skip-umap", *threads)
    for name, chain in [("reference", "A"), ("domain", "B")]:
        write_atoms(at(f"{name}-atoms.mrc"), [p for c, p in atoms if c == chain], options.box, options.pixel_size)
        call(options, "mask", at(f"{name}-atoms.mrc"), "--threshold", "0.5", "--extend", "6A", "--edge", "8A",
             "--output", at(f"{name}.mrc"))
    score = json.loads(call(options, "score", at("run"), "--truth", at("set", "truth.npz"), "--clusters", str(states),
                            "--json"))
    counts = score["counts"]
    print(f"{options.count} images of {options.box} pixels at {options.pixel_size} A, SNR {options.snr}; clusters and "
          f"states agree to ARI {score['partition']['adjustedRandIndex']:.3f}")
    main_state = [max(range(states), key=lambda s: row[s]) for row in counts]
    # The cluster with most of the resting state is the base.
    base = max(range(len(counts)), key=lambda k: counts[k][0] / max(1, sum(counts[k])))
    if main_state[base] != 0:
        raise SystemExit("no cluster shows the resting state: there is no base map to measure from")
    centre = [sum(p[k] for c, p in atoms if c == "B") / sum(c == "B" for c, _ in atoms) for k in range(3)]
    for kind, given in [("decoded", True), ("reconstruction", True), ("reconstruction", False)]:
        extra = ["--decoded"] if kind == "decoded" else []
        if given:
            extra += ["--base", at("run", "analysis", "volumes", f"{kind}_{base:03d}.mrc")]
        found = json.loads(call(
            options, "motion", at("run"), "--domain", at("domain.mrc"), "--reference", at("reference.mrc"), *extra,
            "--output", at(f"motion-{kind}" if given else "motion-default"), "--json"))
        wrong = [s["map"] for s in found["states"] if s["kind"] != kind]
        if wrong:
            raise SystemExit(f"not a {kind}: {', '.join(wrong)}")
        middle = found["domain"]["centre"]
        corner = [v + options.pixel_size * (options.box // 2) for v in origin(found["base"])]
        start = next(k for k, state in enumerate(found["states"]) if state["map"] == found["base"])
        print(f"{kind} maps, from cluster {start}" + ("" if given else ", chosen by the command"))
        worst = [0, 0]
        for k, state in enumerate(found["states"]):
            s = main_state[k]
            there = [v - c for v, c in zip(middle, corner)]
            truth, wanted = move(main_state[start], s, there, centre)
            degrees = angle(truth, turn(0, (0, 0, 1)))
            matrix = [state["matrix"][3 * i:3 * i + 3] for i in range(3)]
            reached = [a + b - c for a, b, c in zip(times(matrix, middle), state["offset"], corner)]
            miss = math.dist(wanted, reached)
            off = angle(truth, matrix)
            worst = [max(worst[0], off), max(worst[1], miss)]
            print(f"  cluster {k}: state {s} ({100 * counts[k][s] / max(1, sum(counts[k])):.0f} % pure)  true "
                  f"{degrees:4.1f} degrees {math.dist(wanted, there):5.2f} A  found {state['rotation']:5.2f} degrees "
                  f"{state['translation']:5.2f} A  off by {off:.2f} degrees, {miss:.2f} A  "
                  f"CC {state['domainCorrelation']:.3f}")
        print(f"  worst: {worst[0]:.2f} degrees, {worst[1]:.2f} A")


if __name__ == "__main__":
    main()
