# SPDX-License-Identifier: Apache-2.0
"""Figures of a loader that are seen from outside, with `pinfeed` as a program.

usage: loader_figures.py PINFEED CONFIG [first] [memory] [flat] [interrupt] [scaling] [step]

first      milliseconds from the start of the process to its end with one batch
memory     the largest PSS of the process while it runs
flat       PSS at the end of each of 20 epochs, and its slope
interrupt  milliseconds from Ctrl-C to the end of the process
scaling    images per CPU-second of 2 threads on 2 cores over those of 1 thread on 1 core
step       growth of a step of 40 ms that computes on the main thread
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import time

PINFEED, CONFIG = sys.argv[1:3]


def pss_of(process):
    try:
        with open(f"/proc/{process.pid}/smaps_rollup") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


def bench(*options, cores=None, seconds=3):
    command = [PINFEED, "bench", CONFIG, "--json", "--seconds", str(seconds), *options]
    if cores:
        command = ["taskset", "-c", cores, *command]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def first():
    def once():
        start = time.perf_counter()
        subprocess.run([PINFEED, "batches", CONFIG, "--limit", "1"], check=True, capture_output=True)
        return (time.perf_counter() - start) * 1e3

    times = sorted(once() for _ in range(21))
    print(f"first batch: {times[10]:.1f} ms, median of 21; {times[0]:.1f} to {times[-1]:.1f}")


def memory():
    process = subprocess.Popen([PINFEED, "bench", CONFIG, "--threads", "2", "--seconds", "5"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    largest = 0.0
    while process.poll() is None:
        largest = max(largest, pss_of(process))
        time.sleep(0.02)
    print(f"peak PSS: {largest:.1f} MiB")


def flat():
    process = subprocess.Popen([PINFEED, "batches", CONFIG, "--threads", "2", "--epochs", "20", "--hash"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ends, epoch = [], None
    for line in process.stdout:
        if epoch not in (None, line.split()[0]):
            ends.append(pss_of(process))
        epoch = line.split()[0]
    process.wait()
    ends = [pss for pss in ends if pss > 0.0]  # the last lines are read after its end
    later = ends[len(ends) // 4:]
    slope = statistics.linear_regression(range(len(later)), later).slope
    print(f"PSS at the ends of epochs: {ends[0]:.1f} ... {ends[-1]:.1f} MiB, slope {slope:.3f} MiB an epoch")


def interrupt():
    def once():
        process = subprocess.Popen([PINFEED, "bench", CONFIG, "--threads", "2", "--seconds", "30"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.0)
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        code = process.wait()
        return (time.perf_counter() - start) * 1e3, code

    found = [once() for _ in range(9)]
    times = sorted(ms for ms, _ in found)
    print(f"Ctrl-C to the end: {times[4]:.1f} ms, median of 9; at most {times[-1]:.1f}; exit codes {sorted({c for _, c in found})}")


def scaling():
    def per_cpu_second(threads, cores):
        return 1.0 / bench("--threads", str(threads), cores=cores)["cpu_seconds_per_image"]

    pairs = [(per_cpu_second(1, "0"), per_cpu_second(2, "0,1")) for _ in range(7)]
    ratios = sorted(two / one for one, two in pairs)
    print(f"images per CPU-second, 2 threads over 1: {ratios[3]:.3f}, median of 7; {ratios[0]:.3f} to {ratios[-1]:.3f}")


def step():
    runs = [bench("--threads", "2", "--step-ms", "40", "--step-computes", seconds=8) for _ in range(5)]
    growth = sorted(100 * (run["step_seconds"] / run["step_seconds_alone"] - 1) for run in runs)
    waits = max(run["stages"]["consumer"]["wait_seconds"] / run["seconds"] for run in runs)
    print(f"a step of 40 ms grows by {growth[2]:+.1f} %, median of 5; {growth[0]:+.1f} to {growth[-1]:+.1f}; it waits {100 * waits:.1f} % at most")


if __name__ == "__main__":
    names = sys.argv[3:] or ["first", "memory", "flat", "interrupt", "scaling", "step"]
    print(f"{os.path.basename(CONFIG)}, {os.cpu_count()} cores")
    for name in names:
        {"first": first, "memory": memory, "flat": flat, "interrupt": interrupt, "scaling": scaling, "step": step}[name]()
