"""What the scripts of this folder share: the machine, timed commands, dated results."""
import datetime
import json
import os
import resource
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def machine():
    """The processor, how many of them this process may use, and memory in GB."""
    name = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {"processor": name, "processors": len(os.sched_getaffinity(0)), "memoryGB": round(memory, 1)}


def run(command, folder, accepted=(0,)):
    """Runs a command to its end; seconds of wall time and of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in accepted:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "processor": used}


def summary(runs):
    """Medians of repeated runs, and the spread of their wall times."""
    walls = [entry["wall"] for entry in runs]
    return {"median": round(statistics.median(walls), 3), "low": round(min(walls), 3),
            "high": round(max(walls), 3), "samples": len(walls),
            "processorMedian": round(statistics.median(entry["processor"] for entry in runs), 3)}


def keep(name, facts):
    """Writes Benchmarks/results/DATE-NAME.json."""
    day = datetime.date.today().isoformat()
    folder = os.path.join(HERE, "results")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{day}-{name}.json")
    with open(path + ".new", "w") as file:
        json.dump({"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                   "machine": machine(), **facts}, file, indent=2, sort_keys=True)
        file.write("\n")
    os.replace(path + ".new", path)
    print(path)
