# SPDX-License-Identifier: Apache-2.0
"""The Python package beside the program: python_loader.py CONFIG... [--seconds S] [--threads N] [--rounds R]

For each config: images/s and CPU-ms per image of `pinfeed bench` and of pinfeed.Loader, in turn, and the medians of the
ratios; the time of next() when the batch is there. Once: the time of `import pinfeed`, and from there to the first batch.
Needs the package on the path.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import pinfeed

PROGRAM = pathlib.Path(pinfeed.__file__).parent / "bin" / "pinfeed"
LOADER = """
import os, sys, time, pinfeed
config, seconds, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
loader = pinfeed.Loader(config, threads=threads)
def run(seconds):
    images, start = 0, time.perf_counter()
    while True:
        for batch in loader:
            images += len(batch["inputs"])
            if time.perf_counter() - start >= seconds:
                return images, time.perf_counter() - start
run(min(0.7, seconds / 2))
before = sum(os.times()[:2])
images, passed = run(seconds)
print(images / passed, 1e3 * (sum(os.times()[:2]) - before) / images)
"""
FIRST = """
import time
start, cpu = time.perf_counter(), time.process_time()
import pinfeed
imported, imported_cpu = time.perf_counter() - start, time.process_time() - cpu
import sys
batch = next(iter(pinfeed.Loader(sys.argv[1])))
print(imported, time.perf_counter() - start, imported_cpu, time.process_time() - cpu)
"""

def python(code, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def hand_over(config):
    """Median seconds of next() for a batch that is there: of the clock, and of the CPU."""
    wall, used = [], []
    with pinfeed.Loader(config, cfg_options={"pinfeed.prefetch": 6}) as loader:
        iteration = iter(loader)
        while len(wall) < 40:
            batch = None
            time.sleep(0.5)  # the batches ahead are made
            for _ in range(4):
                batch = None  # its slot is free again, which is no part of the hand-over
                start, cpu = time.perf_counter(), time.thread_time()
                batch = next(iteration, None)
                end, cpu_end = time.perf_counter(), time.thread_time()
                if batch is None:
                    iteration = iter(loader)
                    break
                wall.append(end - start)
                used.append(cpu_end - cpu)
    return statistics.median(wall), statistics.median(used)


def program(config, seconds, threads):
    """Images/s and CPU-ms per image of `pinfeed bench`."""
    done = subprocess.run([PROGRAM, "--quiet", "bench", config, "--json", "--seconds", str(seconds), "--threads",
                           str(threads)], check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)
    return measured["images_per_second"], 1e3 * measured["cpu_seconds_per_image"]


def compare(config, arguments):
    rounds = [(program(config, arguments.seconds, arguments.threads),
               python(LOADER, config, arguments.seconds, arguments.threads)) for _ in range(arguments.rounds)]
    middle = [statistics.median(one[arm][value] for one in rounds) for arm in (0, 1) for value in (0, 1)]
    ratio = statistics.median(package[0] / bench[0] for bench, package in rounds)
    cpu = statistics.median(package[1] / bench[1] for bench, package in rounds)
    wall, used = hand_over(config)
    print(f"{config}: bench {middle[0]:.1f} images/s, {middle[1]:.2f} CPU-ms; package {middle[2]:.1f} images/s, "
          f"{middle[3]:.2f} CPU-ms; ratio {ratio:.3f}, CPU {cpu:.3f}; next() {1e6 * wall:.1f} us, CPU {1e6 * used:.1f} us")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    starts = [python(FIRST, arguments.configs[0]) for _ in range(11)]
    names = ("import", "first batch from there", "CPU of the import", "CPU to the first batch")
    for i, name in enumerate(names):
        values = [start[i] for start in starts]
        print(f"{name}: {1e3 * statistics.median(values):.1f} ms, at least {1e3 * min(values):.1f}")
    for config in arguments.configs:
        compare(config, arguments)


if __name__ == "__main__":
    main()
