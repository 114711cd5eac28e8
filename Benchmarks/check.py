"""dsd check: seconds for a million rows of metadata, and its rate on pixels beside that of reading the same file.

    python3 Benchmarks/check.py [--rows 1000000] [--images 40000] [--box 128] [--repeats 3] [--keep]

Wants a release build. The STAR file is RELION 3.1's of a refinement, 25 columns, one stack for each 100 particles.
Pixels are checked in a stack of noise; the same file is read by cat just before, from the disk (the cache of the
system is dropped for that file) and from memory. Needs Python alone.
"""
import argparse
import array
import json
import os
import random
import shutil
import struct
import tempfile

import measuring

PROGRAM = os.path.join(measuring.HERE, "../.build/release/dsd")
COLUMNS = """CoordinateX CoordinateY ImageName MicrographName OpticsGroup CtfMaxResolution CtfFigureOfMerit DefocusU
DefocusV DefocusAngle CtfBfactor CtfScalefactor PhaseShift GroupNumber AngleRot AngleTilt AnglePsi OriginXAngst
OriginYAngst ClassNumber NormCorrection LogLikeliContribution MaxValueProbDistribution NrOfSignificantSamples
RandomSubset""".split()
OPTICS = """OpticsGroup OpticsGroupName Voltage SphericalAberration AmplitudeContrast ImagePixelSize ImageSize
ImageDimensionality""".split()


def head(name, columns):
    return f"\n# version 30001\n\ndata_{name}\n\nloop_\n" + "".join(
        f"_rln{c} #{i + 1}\n" for i, c in enumerate(columns))


def table(path, rows, box, stack):
    """A refinement's particles. `stack` gives the name of the stack of a row and the image's number in it."""
    u = random.Random(1).uniform
    with open(path, "w") as file:
        file.write(head("optics", OPTICS) + f"1 opticsGroup1 300.000000 2.700000 0.100000 1.100000 {box} 2\n")
        file.write(head("particles", COLUMNS))
        for row in range(rows):
            name, number = stack(row)
            file.write(
                f"{u(0, 4000):.6f} {u(0, 4000):.6f} {number:06d}@{name} MotionCorr/job002/m{row // 100:05d}.mrc 1 "
                f"{u(2, 4):.6f} {u(0, .3):.6f} {u(8e3, 2e4):.6f} {u(8e3, 2e4):.6f} {u(0, 180):.6f} 0.000000 1.000000 "
                f"0.000000 {row // 100 + 1} {u(-180, 180):.6f} {u(0, 180):.6f} {u(-180, 180):.6f} {u(-9, 9):.6f} "
                f"{u(-9, 9):.6f} 1 {u(.8, 1.2):.6f} {u(1e5, 2e5):e} {u(0, 1):.6f} {row % 50 + 1} {row % 2 + 1}\n")


def noise(path, images, box, counted):
    """A stack of 32-bit floats: noise of some images, over and over. `counted` images are all that are written."""
    g = random.Random(2)
    different = min(counted, 31)
    blocks = [array.array("f", [g.gauss(0, 1) for _ in range(box * box)]).tobytes() for _ in range(different)]
    header = struct.pack("<10i6f3i3f2i", box, box, images, 2, 0, 0, 0, box, box, images, *[box * 1.1] * 2,
                         images * 1.1, 90, 90, 90, 1, 2, 3, 0, 0, 0, 0, 0)
    header += bytes(112) + b"MAP " + bytes([0x44, 0x44, 0, 0]) + struct.pack("<fi", 1, 0)
    with open(path, "wb") as file:
        file.write(header + bytes(1024 - len(header)))
        for image in range(counted):
            file.write(blocks[image * 7 % different])
        if counted:
            os.fsync(file.fileno())


def forget(path):
    """Drops a file from the cache of the system."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def metadata(options, program, folder):
    path = os.path.join(folder, "rows.star")
    os.makedirs(os.path.join(folder, "Extract"), exist_ok=True)
    # Stacks of headers alone: their pixels are holes that take no disk.
    for stack in range((options.rows + 99) // 100):
        file = os.path.join(folder, f"Extract/s{stack:05d}.mrcs")
        noise(file, 100, 64, 0)
        os.truncate(file, 1024 + 100 * 64 * 64 * 4)
    table(path, options.rows, 64, lambda row: (f"Extract/s{row // 100:05d}.mrcs", row % 100 + 1))
    runs = [measuring.run([program, "check", "rows.star", "--sample", 0], folder) for _ in range(options.repeats)]
    return {"rows": options.rows, "bytes": os.path.getsize(path), "stacks": (options.rows + 99) // 100,
            "seconds": measuring.summary(runs)}


def pixels(options, program, folder):
    stack = os.path.join(folder, "stack.mrcs")
    noise(stack, options.images, options.box, options.images)
    table(os.path.join(folder, "pixels.star"), options.images, options.box, lambda row: ("stack.mrcs", row + 1))
    commands = {"cat": ["cat", "stack.mrcs"], "dsd check": [program, "check", "pixels.star"]}
    runs = {f"{name}, {state}": [] for state in ("cold", "warm") for name in commands}
    for _ in range(options.repeats):
        for name, command in commands.items():
            forget(stack)
            runs[f"{name}, cold"].append(measuring.run(command, folder))
            runs[f"{name}, warm"].append(measuring.run(command, folder))
    return {"images": options.images, "box": options.box, "bytes": os.path.getsize(stack),
            "seconds": {name: measuring.summary(times) for name, times in runs.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=40_000)
    parser.add_argument("--box", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--folder", help="on the disk that is measured (default: the one of temporary files)")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(dir=options.folder)
    try:
        program = os.path.abspath(options.program)
        facts = {"metadata": metadata(options, program, folder)} if options.rows > 0 else {}
        if options.images > 0:
            facts["pixels"] = pixels(options, program, folder)
    finally:
        shutil.rmtree(folder)
    facts["machine"] = measuring.machine()
    print(json.dumps(facts, indent=2))
    if options.keep:
        measuring.keep("check", facts)


main()
