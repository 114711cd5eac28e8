"""dsd reconstruct beside relion_reconstruct, on images that relion_project makes, on the same cores.

    python3 Benchmarks/reconstruct.py [--count 4000] [--box 128] [--symmetry C1] [--repeats 3] [--keep]

Wants RELION's programs on the PATH and a release build. Prints wall times of every repeat and their medians, and
the Fourier shell correlation of the maps with each other and with the map that was projected. Both programs read
the same STAR file and stack, once each before they are timed; ours writes half maps, their FSC and a sharpened map
too. --keep writes the result to Benchmarks/results. Needs Python alone.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile

import measuring

PROGRAM = os.path.join(measuring.HERE, "../.build/release/dsd")


def molecule(path, operations, box, pixel):
    """A chain of beads off the axes, once for each operation of the group, that fills half of the box."""
    random.seed(3)
    size = box * pixel
    beads = [[random.gauss(centre, 0.055) * size for centre in (0.13, 0.05, 0.08)] for _ in range(200)]
    with open(path, "w") as file:
        number = 0
        for matrix in operations:
            for bead in beads:
                number += 1
                place = [sum(m * v for m, v in zip(row, bead)) for row in matrix]
                file.write("ATOM  %5d  CA  ALA A%4d    %8.3f%8.3f%8.3f  1.00  0.00           C\n"
                           % (number % 100000, number % 10000, *place))
        file.write("END\n")


def operations(symmetry):
    """Matrices of a point group as relion_refine prints them."""
    text = subprocess.run(["relion_refine", "--sym", symmetry, "--print_symmetry_ops"], capture_output=True,
                          text=True).stdout
    rows, found = [], []
    for line in text.splitlines():
        try:
            numbers = [float(word) for word in line.split()]
        except ValueError:
            continue
        if len(numbers) == 3:
            rows.append(numbers)
        if len(rows) == 3:
            found.append(rows)
            rows = []
    return found or [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]


def correlation(program, a, b, folder):
    """The curve, and its least value up to 0.9 of Nyquist."""
    out = subprocess.run([program, "fsc", a, b, "--json"], cwd=folder, capture_output=True, text=True, check=True)
    curve = json.loads(out.stdout)["fsc"]
    return round(min(curve[1:int(0.9 * (len(curve) - 1)) + 1]), 5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--box", type=int, default=128)
    parser.add_argument("--pixel-size", type=float, default=1.5)
    parser.add_argument("--symmetry", default="C1")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=measuring.machine()["processors"])
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--folder", help="where the particles go, or are from before (default: one that is removed)")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    folder = options.folder or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    try:
        facts = measured(options, program, folder)
    finally:
        if not options.folder:
            shutil.rmtree(folder)
    print(json.dumps(facts, indent=2))
    if options.keep:
        measuring.keep(f"reconstruct-{options.box}-{options.symmetry}", facts)


def make(options, program, folder):
    """The projections, unless they are there."""
    if os.path.exists(os.path.join(folder, "projected.star")):
        return
    molecule(os.path.join(folder, "molecule.pdb"), operations(options.symmetry), options.box, options.pixel_size)
    measuring.run([program, "simulate", "--structure", "molecule.pdb", "--count", options.count, "--box", options.box,
                   "--pixel-size", options.pixel_size, "--resolution", 2.1 * options.pixel_size, "--snr", "none",
                   "--output", "set"], folder)
    measuring.run(["relion_project", "--i", "set/consensus.mrc", "--ang", "set/particles.star", "--ctf", "--angpix",
                   options.pixel_size, "--o", "projected"], folder)


def measured(options, program, folder):
    make(options, program, folder)
    commands = {
        "dsd": [program, "reconstruct", "projected.star", "--symmetry", options.symmetry, "--threads", options.threads,
                "--output", "ours"],
        "dsd, 1 thread": [program, "reconstruct", "projected.star", "--symmetry", options.symmetry, "--threads", 1,
                          "--output", "alone"],
        "relion_reconstruct": ["relion_reconstruct", "--i", "projected.star", "--ctf", "--sym", options.symmetry,
                               "--o", "theirs.mrc"],
    }
    runs = {name: [] for name in commands}
    for turn in range(options.repeats + 1):
        for name, command in commands.items():
            taken = measuring.run(command, folder)
            if turn > 0:
                runs[name].append(taken)
                print(f"{name}: {taken['wall']:.2f} s", flush=True)
    seconds = {name: measuring.summary(times) for name, times in runs.items()}
    theirs, truth = "theirs.mrc", "set/consensus.mrc"
    return {
        "count": options.count, "box": options.box, "pixelSize": options.pixel_size, "symmetry": options.symmetry,
        "threads": options.threads, "machine": measuring.machine(), "seconds": seconds,
        "speedup": round(seconds["relion_reconstruct"]["median"] / seconds["dsd"]["median"], 2),
        "speedupOfOneThread": round(
            seconds["relion_reconstruct"]["median"] / seconds["dsd, 1 thread"]["median"], 2),
        "leastFSCTo0.9Nyquist": {
            "dsd and relion_reconstruct": correlation(program, "ours/map.mrc", theirs, folder),
            "dsd and the map projected": correlation(program, "ours/map.mrc", truth, folder),
            "relion_reconstruct and the map projected": correlation(program, theirs, truth, folder),
        },
    }


main()
