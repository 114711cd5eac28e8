"""Memory of a training on many particles, and the speed of the preparation pass.

    python Benchmarks/memory.py PROGRAM FOLDER [--rows 300000] [--box 128] [--images 4000] [--train-box 128]
                                [--seconds 60] [--save]

`dsd simulate` makes --images images; the particle list has --rows rows that go round them with poses of their own, so
the set takes the disk space of --images and the prepared stack that of --rows. `dsd train` then prepares the images and
trains at --train-box for about --seconds; meanwhile its memory is read from /proc. Private memory is what the program
has asked for; pages of the prepared stack that the system keeps at hand come beside it and are given up when wanted.
"""
import argparse
import datetime
import json
import os
import random
import re
import signal
import subprocess
import time


def enlarged(source, target, rows):
    """The list of `source` repeated to `rows` rows, with random Euler angles."""
    lines = open(source).read().split("\n")
    table = max(k for k, line in enumerate(lines) if line.startswith("_rln"))
    first = next(k for k in range(table, -1, -1) if lines[k].startswith("loop_"))
    names = [line.split()[0] for line in lines[first + 1 : table + 1]]
    values = [line.split() for line in lines[table + 1 :] if line.strip()]
    columns = [names.index(name) for name in ("_rlnAngleRot", "_rlnAngleTilt", "_rlnAnglePsi")]
    source = random.Random(1)
    with open(target, "w") as file:
        file.write("\n".join(lines[: table + 1]) + "\n")
        for k in range(rows):
            row = list(values[k % len(values)])
            for column, top in zip(columns, (360, 180, 360)):
                row[column] = f"{source.random() * top:.3f}"
            file.write(" ".join(row) + "\n")


def memory(process):
    """VmHWM and the parts of the resident memory, MB."""
    text = open(f"/proc/{process}/status").read()
    return {key: int(value) / 1024 for key, value in re.findall(r"^(VmHWM|RssAnon|RssFile):\s+(\d+)", text, re.M)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--box", type=int, default=128)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--train-box", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--save", action="store_true")
    o = parser.parse_args()
    data = os.path.join(o.folder, "set")
    subprocess.run([o.program, "simulate", "--phantom", "dumbbell", "--count", str(o.images), "--box", str(o.box),
                    "--pixel-size", "2", "--output", data], check=True)
    star = os.path.join(data, "many.star")
    enlarged(os.path.join(data, "particles.star"), star, o.rows)
    log = open(os.path.join(o.folder, "train.txt"), "w+")
    start = time.time()
    run = subprocess.Popen(
        [o.program, "train", star, "--mask", data + "/mask.mrc", "--consensus", data + "/consensus.mrc",
         "--output", os.path.join(o.folder, "run"), "--set", f"stages.0.box={o.train_box}"],
        stdout=log, stderr=subprocess.STDOUT)
    samples, began, text = [], None, ""
    while run.poll() is None:
        time.sleep(0.5)
        text = open(log.name).read()
        if began is None and "training, box" in text:
            began = time.time()
        if began is not None:
            try:
                samples.append(memory(run.pid))
            except OSError:
                break
            if time.time() - began > o.seconds:
                run.send_signal(signal.SIGINT)
                run.wait()
    done = [int(found) for found in re.findall(r"training, box[^\n\r]*?(\d+)/\d+ images", text)]
    day = datetime.date.today().isoformat()
    result = json.dumps(dict(
        date=day, rows=o.rows, box=o.box, trainBox=o.train_box, distinctImages=o.images,
        secondsBeforeTraining=(began or time.time()) - start, secondsTrained=o.seconds,
        imagesTrained=max(done, default=0), peakResidentMB=max(s["VmHWM"] for s in samples),
        peakPrivateMB=max(s["RssAnon"] for s in samples), peakFilePagesMB=max(s["RssFile"] for s in samples)), indent=1)
    print(result)
    if o.save:
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "results", f"{day}-memory-cpu.json"), "w") as file:
            file.write(result + "\n")


if __name__ == "__main__":
    main()
