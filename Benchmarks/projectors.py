"""The projector of this program and that of torch-projectors on a CPU, forward and backward, one after the other.

    Benchmarks/rivals/install.sh torch-projectors
    python Benchmarks/projectors.py .build/release/dsd [--threads 1] [--seconds 1] [--save]

Every image has a volume of its own, as in training: `batch` volumes, one pose each, and a gradient for each volume.
torch-projectors takes central slices of Fourier transforms: "slices" is that alone, "with transforms" goes from volumes
of densities to images, as this program's projector does, by one FFT of each volume and each image and back. Its volumes
are not padded, which would be slower and more accurate.
"""
import argparse
import json
import os
import subprocess

import measuring

PEER = r"""
import json, statistics, sys, time
import torch
import torch_projectors

threads, seconds = int(sys.argv[1]), float(sys.argv[2])
torch.set_num_threads(threads)

def timed(body):
    body()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 200):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    times.sort()
    return {"median": statistics.median(times), "low": times[len(times) // 10], "high": times[len(times) * 9 // 10],
            "samples": len(times)}

rows = []
for side, batch in [(64, 4), (128, 4), (192, 2)]:
    generator = torch.Generator().manual_seed(3)
    turns = torch.linalg.qr(torch.randn(batch, 1, 3, 3, generator=generator))[0]
    turns = turns * torch.linalg.det(turns)[..., None, None]
    volumes = torch.randn(batch, side, side, side, generator=generator).requires_grad_()
    spectra = torch.fft.rfftn(volumes.detach(), dim=(1, 2, 3)).requires_grad_()
    upstream = torch.ones(batch, 1, side, side)
    slice_upstream = torch.fft.rfft2(upstream)

    def slices():
        found = torch_projectors.project_3d_to_2d_forw(spectra, turns)
        torch.autograd.grad(found, spectra, slice_upstream)

    def images():
        found = torch_projectors.project_3d_to_2d_forw(torch.fft.rfftn(volumes, dim=(1, 2, 3)), turns)
        torch.autograd.grad(torch.fft.irfft2(found), volumes, upstream)

    rows.append({"side": side, "batch": batch, "slices": timed(slices), "withTransforms": timed(images)})
print(json.dumps({"torch": torch.__version__, "torchProjectors": torch_projectors.__version__, "rows": rows}))
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    place = os.environ.get("DSD_RIVALS", os.path.expanduser("~/.local/share/opusdsd-rivals"))
    python = os.path.join(place, "torch-projectors", "bin", "python")
    if not os.path.exists(python):
        raise SystemExit("torch-projectors is not installed: Benchmarks/rivals/install.sh torch-projectors")

    def output(words):
        return json.loads(subprocess.run([str(word) for word in words], check=True, capture_output=True,
                                         text=True).stdout)

    own = output([options.program, "bench", "--kernels", "--threads", options.threads, "--seconds", options.seconds,
                  "--json"])
    peer = output([python, "-c", PEER, options.threads, options.seconds])
    table = []
    for row in peer["rows"]:
        entry = dict(row)
        for what in ["all voxels", "voxels of a ball"]:
            mine = next(r for r in own["rows"] if r["side"] == row["side"] and r["kernel"].endswith(what))
            assert mine["batch"] == row["batch"]
            entry[what] = mine["ours"]
            entry[f"ratio, {what}"] = round(row["withTransforms"]["median"] / mine["ours"]["median"], 2)
            entry[f"ratio to slices, {what}"] = round(row["slices"]["median"] / mine["ours"]["median"], 2)
        table.append(entry)
        print(f"{row['side']}^3, {row['batch']} volumes: "
              + ", ".join(f"{what} {1000 * entry[what]['median']:.2f} ms" for what in ["all voxels", "voxels of a ball"])
              + f"; slices {1000 * row['slices']['median']:.2f}, "
              + f"with transforms {1000 * row['withTransforms']['median']:.2f} ms")
    if options.save:
        measuring.keep("projectors-cpu", {"threads": options.threads, "torch": peer["torch"],
                                          "torchProjectors": peer["torchProjectors"], "rows": table})


if __name__ == "__main__":
    main()
