"""`dsd analyze` on many particles: a run of a small set made large, and its analysis timed.

    python Benchmarks/large.py RUN FOLDER [--rows 300000] [--program .build/release/dsd] [--threads 2] [-- OPTIONS]

RUN was trained on a few thousand particles, given as STAR. FOLDER gets a particle file whose rows point again and
again into RUN's stack, with the poses and CTFs that the images have, and a run folder with RUN's networks and, for
every row, its image's code and a normal error of the image's own posterior width, so that no two codes are equal.
Every step of the analysis then has as much to do as with so many images of their own, but for reading them from a
stack of that size. What FOLDER already has is used again; its analysis is always made anew. OPTIONS go to `dsd
analyze`. Prints the seconds at which each step began, the whole time, processor time and the largest memory.
"""
import argparse
import array
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time


def read_npy(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 10 + int.from_bytes(data[8:10], "little")
    shape = tuple(int(n) for n in re.findall(r"\d+", re.search(rb"\((.*?)\)", data[:start]).group(1).decode()))
    assert b"<f4" in data[:start], path
    values = array.array("f")
    values.frombytes(data[start:])
    return shape, values


def write_npy(path, shape, values):
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
        values.tofile(file)


def enlarge(run, folder, rows):
    """The particle file and the run folder."""
    with open(os.path.join(run, "config.yaml")) as file:
        config = file.read()
    particles = re.search(r"^  particles: (.*)$", config, re.M).group(1).strip("'\"")
    with open(particles) as file:
        lines = file.read().split("\n")
    # The last loop of the file has a line for each particle.
    count, width = read_npy(os.path.join(run, "latent", "mean.npy"))[0]
    places = [k for k, text in enumerate(lines) if ".mrc" in text and "@" in text]
    assert len(places) == count, f"{particles} has {len(places)} rows with images, the run {count} codes"
    at = os.path.abspath(os.path.dirname(particles))
    body = [re.sub(r"(\d+)@(\S+)", lambda m: f"{m[1]}@{os.path.relpath(os.path.join(at, m[2]), folder)}", lines[k])
            for k in places]
    table = os.path.join(folder, "particles.star")
    with open(table + ".new", "w") as file:
        file.write("\n".join(lines[:places[0]]) + "\n")
        for row in range(rows):
            file.write(body[row % count] + "\n")
    os.rename(table + ".new", table)

    large = os.path.join(folder, "run")
    os.makedirs(os.path.join(large, "latent"))
    for name in ["consensus.mrc", "mask.mrc", "metrics.csv", "log.txt"]:
        shutil.copy(os.path.join(run, name), large)
    shutil.copytree(os.path.join(run, "checkpoint"), os.path.join(large, "checkpoint"))
    _, mean = read_npy(os.path.join(run, "latent", "mean.npy"))
    _, log_sigma = read_npy(os.path.join(run, "latent", "logsigma.npy"))
    g = random.Random(1)
    codes, sigmas = array.array("f"), array.array("f")
    for row in range(rows):
        k = row % count * width
        for d in range(k, k + width):
            codes.append(mean[d] + 2.718281828 ** log_sigma[d] * g.gauss(0, 1))
        sigmas.extend(log_sigma[k:k + width])
    write_npy(os.path.join(large, "latent", "mean.npy"), (rows, width), codes)
    write_npy(os.path.join(large, "latent", "logsigma.npy"), (rows, width), sigmas)
    config = re.sub(r"^  particles: .*$", f"  particles: '{os.path.abspath(table)}'", config, flags=re.M)
    with open(os.path.join(large, "config.yaml"), "w") as file:
        file.write(config)


def main():
    own, rest = sys.argv[1:], []
    if "--" in own:
        place = own.index("--")
        own, rest = own[:place], own[place + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("run")
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--program", default=os.path.join(here, "..", ".build", "release", "dsd"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(own)
    run = os.path.join(options.folder, "run")
    if not os.path.exists(os.path.join(run, "config.yaml")):
        os.makedirs(options.folder, exist_ok=True)
        shutil.rmtree(run, ignore_errors=True)
        enlarge(options.run, options.folder, options.rows)
    start = time.time()
    process = subprocess.Popen(
        [options.program, "analyze", run, "--threads", str(options.threads), *rest], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    seen = set()
    for line in process.stderr:
        title = re.split(r"[\d:,]", line.strip())[0].strip()
        if title and title not in seen:
            seen.add(title)
            print(f"{time.time() - start:7.1f} s  {line.strip()}", flush=True)
    status = process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"status {status}, {time.time() - start:.0f} s, processor {used.ru_utime + used.ru_stime:.0f} s, "
          f"at most {used.ru_maxrss / 2 ** 20:.2f} GiB")
    report = os.path.join(run, "report.html")
    if os.path.exists(report):
        print(f"report {os.path.getsize(report) / 1e6:.1f} MB")
    sys.exit(status)


if __name__ == "__main__":
    main()
