#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains with several processes.

ranks.py --program PINFEED [--torchrun TORCHRUN] [--kills N] [--seed S] CASE...

Prints a line for each failure; the exit code is 1 if there is one, and 77 when a case cannot run here.
"""
import argparse
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

from runs import FCOS, MAE, Runs, free_port

SKIPPED = 77
TWO = "train_dataloader['batch_size'] = 2\n"  # of 2 processes: 4 in all


def largest_difference(values, others):
    return max(abs(a - b) for a, b in zip(values, others))


def relative_difference(weights, others):
    """The largest difference of two sets of tensors, relative to the largest weight of each tensor."""
    largest = 0.0
    for name, values in weights.items():
        scale = max(abs(value) for value in values) or 1.0
        largest = max(largest, largest_difference(values, others[name]) / scale)
    return largest


def whole_run(runs, config):
    """An uninterrupted run of 2 processes."""
    ends = [rank.end() for rank in runs.start(config, "whole")]
    runs.check([code for code, _ in ends] == [0, 0], f"whole: {ends}")


def equal(runs):
    """2 and 4 processes train as one with the same global batch, and repeat to the bit."""
    for name, text in {"fcos": FCOS, "mae": MAE}.items():
        result = runs.alone(runs.config(name, text), f"{name}_1")
        runs.check(result.returncode == 0, f"{name}: one process: {result.stderr[-800:]}")
        losses, weights = runs.losses(f"{name}_1"), runs.floats(f"{name}_1")
        for world in (2, 4):
            config = runs.config(f"{name}_of_{world}", text + f"train_dataloader['batch_size'] = {4 // world}\n")
            for again in ("", "_again")[: 2 if world == 2 else 1]:
                for rank, (code, errors) in enumerate(
                        [rank.end() for rank in runs.start(config, f"{name}_{world}{again}", world)]):
                    runs.check(code == 0, f"{name}: rank {rank} of {world} ends with {code}: {errors[-800:]}")
            of_ranks = runs.losses(f"{name}_{world}")
            loss = largest_difference(losses, of_ranks)
            weight = relative_difference(weights, runs.floats(f"{name}_{world}"))
            print(f"{name}, {world} processes: losses differ by {loss:.1e}, weights by {weight:.1e}", flush=True)
            runs.check(len(losses) == len(of_ranks) == 50, f"{name}: {len(of_ranks)} losses")
            runs.check(loss <= 1e-5 and weight <= 1e-4, f"{name}: {world} processes differ from one")
        runs.check(runs.weights(f"{name}_2") == runs.weights(f"{name}_2_again"), f"{name}: 2 processes do not repeat")
    files = [path.name for path in (runs.folder / "fcos_2").rglob("*") if path.is_file()]
    runs.check(sum("_rank1.log" in name for name in files) == 1, f"the log of rank 1: {files}")
    runs.check(files.count("scalars.json") == 1, f"one scalars.json: {files}")


def options(runs):
    """What a config can say about several processes."""
    short = FCOS + "train_cfg['max_iters'] = 12\n"

    def trained(name, text, world=2):
        config = runs.config(name, short + text)
        ends = [rank.end() for rank in runs.start(config, name, world)]
        runs.check([code for code, _ in ends] == [0] * world, f"{name}: {ends}")
        return runs.weights(name)

    plain = trained("plain", TWO)
    for name, text in {"static": "model_wrapper_cfg = dict(type='MMDistributedDataParallel', static_graph=True)\n",
                       "unused": "find_unused_parameters = True\n", "alone": "broadcast_buffers = False\n"}.items():
        runs.check(trained(name, TWO + text) == plain, f"{name}: other weights")
    compressed = trained("compressed", TWO + "custom_hooks = [dict(type='Fp16CompresssionHook')]\n")
    runs.check(compressed != plain, "Fp16CompresssionHook changes nothing")
    loss = largest_difference(runs.losses("plain"), runs.losses("compressed"))
    runs.check(loss < 1e-3, f"Fp16CompresssionHook changes losses by {loss:.1e}")
    accumulated = "optim_wrapper['accumulative_counts'] = 5\n"
    result = runs.alone(runs.config("single", short + accumulated), "single")
    runs.check(result.returncode == 0, result.stderr[-800:])
    trained("accumulated", TWO + accumulated)
    loss = largest_difference(runs.losses("single"), runs.losses("accumulated"))
    runs.check(loss < 1e-5, f"with accumulation the losses differ by {loss:.1e}")


def killed(runs):
    """A rank that is killed is named; the other one saves; after a restart the run ends as an uninterrupted one."""
    config = runs.config("killed", FCOS + TWO)
    whole_run(runs, config)
    for victim in (1, 0):
        work_dir = f"killed_{victim}"
        ranks = runs.start(config, work_dir)
        runs.wait_for_iteration(work_dir, 13)
        ranks[victim].process.send_signal(signal.SIGKILL)
        start = time.monotonic()
        code, errors = ranks[1 - victim].end()
        seconds = time.monotonic() - start
        print(f"rank {victim} is killed: named after {seconds:.1f} s", flush=True)
        runs.check(code == 5 and f"rank {victim} of 2" in errors and "has ended" in errors and seconds < 30,
                   f"rank {victim} is killed: {code} after {seconds:.0f} s: {errors}")
        runs.check("saved " in errors, f"no checkpoint is saved: {errors}")
        ranks[victim].end()
        again = [rank.end() for rank in runs.start(config, work_dir, environment={"TORCHELASTIC_RESTART_COUNT": "1"})]
        runs.check([code for code, _ in again] == [0, 0], f"after a restart: {again}")
        runs.check("resumed from" in runs.log(work_dir), "the restarted run begins anew")
        runs.check(runs.weights(work_dir) == runs.weights("whole"), f"rank {victim}: the weights differ")


def stopped(runs):
    """A rank that is stopped for a while delays the others; one that stays stopped is named within 30 s."""
    config = runs.config("stopped", FCOS + TWO)
    ranks = runs.start(config, "slow")
    runs.wait_for_iteration("slow", 10)
    ranks[1].process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    ranks[1].process.send_signal(signal.SIGCONT)
    ends = [rank.end() for rank in ranks]
    runs.check([code for code, _ in ends] == [0, 0], f"slow: {ends}")
    ranks = runs.start(config, "stopped")
    runs.wait_for_iteration("stopped", 10)
    ranks[1].process.send_signal(signal.SIGSTOP)
    start = time.monotonic()
    code, errors = ranks[0].end()
    seconds = time.monotonic() - start
    print(f"rank 1 is stopped: named after {seconds:.1f} s", flush=True)
    runs.check(code == 5 and "rank 1 of 2" in errors and "no sign of life" in errors and seconds < 40,
               f"rank 1 is stopped: {code} after {seconds:.0f} s: {errors}")
    runs.check("saved " in errors, f"no checkpoint is saved: {errors}")
    ranks[1].process.send_signal(signal.SIGCONT)
    code, errors = ranks[1].end()
    runs.check(code == 5 and "saved" not in errors, f"the stopped rank goes on: {code} {errors}")


def signals(runs):
    """SIGTERM to one rank, or to all, stops all after the same iteration, and the run can be resumed."""
    config = runs.config("signals", FCOS + TWO)
    whole_run(runs, config)
    for name, targets in {"one": [1], "all": [0, 1]}.items():
        ranks = runs.start(config, name)
        runs.wait_for_iteration(name, 12)
        for target in targets:
            ranks[target].process.send_signal(signal.SIGTERM)
        ends = [rank.end() for rank in ranks]
        runs.check([code for code, _ in ends] == [130, 130], f"{name}: {ends}")
        stops = {line for _, errors in ends for line in errors.splitlines() if line.startswith("error: stopped after")}
        runs.check(len(stops) == 1, f"{name}: different ends: {ends}")
        again = [rank.end() for rank in runs.start(config, name, options=["--resume"])]
        runs.check([code for code, _ in again] == [0, 0], f"{name}: resumed: {again}")
        runs.check(runs.weights(name) == runs.weights("whole"), f"{name}: the weights differ")
    process = subprocess.Popen(runs.command(config, "nproc", "--nproc", "2"), cwd=runs.folder,
                               stderr=subprocess.PIPE, text=True)
    runs.wait_for_iteration("nproc", 12)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    runs.check(process.returncode == 130 and "stopped after iteration" in errors, f"--nproc: {errors[-800:]}")


def resized(runs):
    """A run goes on in the same sequence with another number of processes, if the global batch is the same."""
    two = runs.config("two", FCOS + TWO)
    four = runs.config("four", FCOS + "train_dataloader['batch_size'] = 1\n")
    whole_run(runs, two)
    ranks = runs.start(two, "resized")
    runs.wait_for_iteration("resized", 12)
    ranks[0].process.send_signal(signal.SIGTERM)
    runs.check([rank.end()[0] for rank in ranks] == [130, 130], "the run does not stop")
    expect(runs, "another global batch", runs.start(two, "resized", 4, options=["--resume"]), [3, 3, 3, 3],
           "its batches have 4 samples, those of this config 8")
    expect(runs, "4 processes after 2", runs.start(four, "resized", 4, options=["--resume"]), [0, 0, 0, 0], "")
    loss = largest_difference(runs.losses("whole"), runs.losses("resized"))
    runs.check(loss < 1e-5 and len(runs.losses("resized")) == 50, f"the losses differ by {loss:.1e}")


def expect(runs, name, ranks, codes, text):
    ends = [rank.end() for rank in ranks]
    runs.check([code for code, _ in ends] == codes and all(text in errors for _, errors in ends), f"{name}: {ends}")


def faults(runs):
    """What goes wrong at the start, and on one rank only."""
    hurried = runs.config("hurried", FCOS + TWO + "env_cfg = dict(dist_cfg=dict(timeout=3))\n")
    short = "env_cfg = dict(dist_cfg=dict(timeout=60))\n" + TWO
    config = runs.config("faults", FCOS + short)
    other = runs.config("other", FCOS + short + "optim_wrapper['optimizer']['lr'] = 0.001\n")
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        expect(runs, "a taken port", runs.start(config, "port", port=port, only=[0]), [5],
               f"error: port {port} of this machine is taken")
    error_file = runs.folder / "error.json"
    expect(runs, "a rank that never starts",
           runs.start(hurried, "never", only=[0], environment={"TORCHELASTIC_ERROR_FILE": str(error_file)}), [5],
           "error: of 2 ranks, these have not started within 3 s: 1")
    message = json.loads(error_file.read_text())["message"]
    runs.check("have not started" in message["message"] and message["extraInfo"]["timestamp"].isdigit(),
               f"the file for torchrun: {message}")
    expect(runs, "rank 0 never starts", runs.start(hurried, "never", only=[1]), [5],
           "error: rank 1 of 2 cannot reach the store")
    port = free_port()
    late = runs.start(config, "late", only=[1], port=port)
    time.sleep(3)
    late += runs.start(config, "late", only=[0], port=port)
    expect(runs, "a rank that starts late", late, [0, 0], "")
    port = free_port()
    expect(runs, "another config", runs.start(config, "config", only=[0], port=port) +
           runs.start(other, "config", only=[1], port=port), [2, 2],
           "error: the ranks do not train the same: rank 1 has '")
    port = free_port()
    expect(runs, "another seed", runs.start(config, "seed", only=[0], port=port) +
           runs.start(config, "seed", only=[1], port=port, options=["--seed", "7"]), [2, 2],
           "rank 1 has 'seed 7' where rank 0 has 'seed 1'")
    uneven = runs.config("uneven", FCOS + short + "train_dataloader['sampler']['round_up'] = False\n"
                         "train_dataloader['dataset']['indices'] = 5\n")
    expect(runs, "a rank without samples", runs.start(uneven, "uneven"), [2, 2],
           "error: the ranks have different numbers of batches: 2, 1")
    full_disk(runs, config)
    read_only(runs, config)


def read_only(runs, config):
    """Only rank 0 can write to the work dir."""
    work = runs.folder / "read_only"
    work.mkdir()
    script = f"mount --bind {work} {work} && mount -o remount,ro,bind {work} && exec \"$@\""
    prefix = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        return print("a read-only work dir cannot be made here", flush=True)
    port = free_port()
    ranks = runs.start(config, "read_only", only=[0], port=port)
    ranks += runs.start(config, "read_only", only=[1], port=port, prefix=prefix)
    expect(runs, "a work dir that only rank 0 can write", ranks, [0, 0], "")
    return None


def full_disk(runs, config):
    """Rank 0 cannot write its checkpoint."""
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    port = free_port()
    ranks = runs.start(config, "full", only=[0], port=port, before=small_files)
    ranks += runs.start(config, "full", only=[1], port=port)
    ends = [rank.end() for rank in ranks]
    runs.check([code for code, _ in ends] == [5, 5] and "File too large" in ends[0][1] and
               "rank 0 of 2" in ends[1][1] and "has failed" in ends[1][1], f"a full disk: {ends}")


def evaluation(runs):
    """An evaluation by several processes has the results of one, to the bit."""
    config = runs.config("fcos", FCOS + "train_cfg['max_iters'] = 8\n")
    trained = runs.alone(config, "trained")
    runs.check(trained.returncode == 0, trained.stderr[-800:])
    checkpoint = "trained/" + (runs.folder / "trained/last_checkpoint").read_text().strip().split("/")[-1]
    outputs = {}
    for nproc in (1, 2, 3):
        for batch_size in (1, 2):
            out = f"found_{nproc}_{batch_size}.json"
            command = [runs.program, "eval", config, checkpoint, "--json", "--device", "cpu", "--nproc", str(nproc),
                       "--out", out, "--cfg-options", f"val_dataloader.batch_size={batch_size}"]
            result = subprocess.run(command, cwd=runs.folder, capture_output=True, text=True, timeout=120,
                                    env=dict(os.environ, OMP_NUM_THREADS="1"))
            runs.check(result.returncode == 0, f"--nproc {nproc}: {result.stderr[-800:]}")
            found = runs.folder / out
            outputs[nproc, batch_size] = (result.stdout, found.read_bytes() if found.exists() else b"")
    for (nproc, batch_size), output in outputs.items():
        runs.check(output == outputs[1, batch_size], f"--nproc {nproc} with batches of {batch_size}: {output[0]}")
    runs.check(len(outputs[1, 1][1]) > 100, "there are no detections")
    epochs = runs.config("validated", FCOS + "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2, val_interval=1)\n"
                         "default_hooks['checkpoint'] = dict(type='CheckpointHook', save_best='coco/bbox_mAP')\n" + TWO)
    ends = [rank.end() for rank in runs.start(epochs, "validated")]
    runs.check([code for code, _ in ends] == [0, 0], f"validation: {ends}")
    runs.check("coco/bbox_mAP: " in runs.log("validated"), "there are no metrics")


def digests(runs):
    """The samples of all ranks together are those of one process."""
    config = runs.config("fcos", FCOS + "train_dataloader['batch_size'] = 1\n")

    def run(*options, environment=None):
        result = subprocess.run([runs.program, "batches", config, "--hash", *options], cwd=runs.folder, text=True,
                                capture_output=True, check=True, env=dict(os.environ, **(environment or {})))
        return [line.split()[2] for line in result.stdout.splitlines()]

    whole = run()
    for world in (2, 4):
        ranks = [run("--rank", str(rank), "--world-size", str(world)) for rank in range(world)]
        runs.check([digest for batch in zip(*ranks) for digest in batch] == whole, f"{world} ranks have other samples")
    of_launcher = run(environment={"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "a"})
    runs.check(of_launcher == whole[1::2], "torchrun's rank has other samples")


def processes_of(parent, program):
    """The processes of the program that a launcher has started."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                state, ppid = file.read().rsplit(")", 1)[1].split()[:2]
            if int(ppid) == parent and state != "Z" and os.readlink(f"/proc/{entry}/exe") == program:
                found.append(int(entry))
        except OSError:
            continue  # it has ended
    return sorted(found)


def elastic(runs):
    """torchrun starts the ranks again after random kills; the run ends as an uninterrupted one."""
    if not os.path.exists(runs.torchrun):
        print(f"there is no {runs.torchrun}")
        return SKIPPED
    config = runs.config("elastic", FCOS + TWO + "train_cfg['max_iters'] = 150\n")
    whole_run(runs, config)
    choice = random.Random(runs.seed)
    killed_ranks = 0
    rounds = 0
    while killed_ranks < runs.kills and runs.failures == 0:
        work_dir = f"elastic_{rounds}"
        rounds += 1
        command = [runs.torchrun, "--standalone", "--nproc-per-node", "2", "--max-restarts", "4", "--no-python",
                   *runs.command(config, work_dir)]
        process = subprocess.Popen(command, cwd=runs.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
        for number in range(min(2, runs.kills - killed_ranks)):
            if not runs.wait_for_iteration(work_dir, choice.randint(5, 60) + 70 * number, 180):
                break
            ranks = processes_of(process.pid, os.path.realpath(runs.program))
            if runs.check(ranks, "the ranks have ended"):
                os.kill(choice.choice(ranks), signal.SIGKILL)
                killed_ranks += 1
        try:
            _, errors = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.terminate()
            _, errors = process.communicate()
        runs.check(process.returncode == 0, f"torchrun ends with {process.returncode}: {errors[-1500:]}")
        runs.check(runs.weights(work_dir) == runs.weights("whole"), f"{work_dir}: the weights differ")
        resumed = sum("resumed from" in path.read_text() for path in (runs.folder / work_dir).glob("*/*.log"))
        runs.check(resumed > 0, f"{work_dir}: nothing was resumed")
    print(f"{killed_ranks} ranks were killed in {rounds} runs", flush=True)
    return 0


def hosts(runs):
    """Two network namespaces, as two machines that meet at the address of the first."""
    names = [f"pinfeed-{os.getpid()}-{number}" for number in (0, 1)]
    commands = [["ip", "netns", "add", names[0]], ["ip", "netns", "add", names[1]],
                ["ip", "link", "add", "veth0", "netns", names[0], "type", "veth", "peer", "name", "veth0", "netns",
                 names[1]]]
    for number, name in enumerate(names):
        commands += [["ip", "-n", name, "addr", "add", f"10.77.0.{number + 1}/24", "dev", "veth0"],
                     ["ip", "-n", name, "link", "set", "veth0", "up"], ["ip", "-n", name, "link", "set", "lo", "up"]]
    try:
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, text=True)
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"network namespaces cannot be made here: {getattr(error, 'stderr', '') or error}")
                return SKIPPED
        config = runs.config("hosts", FCOS + TWO)
        whole_run(runs, config)
        start_on_hosts(runs, names, config)
        runs.check(not runs.failures and runs.weights("hosts") == runs.weights("whole"), "two hosts have other weights than one")
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return 0


def start_on_hosts(runs, names, config):
    """torchrun cannot know from the name of the host, which both have, whose address the endpoint is."""
    processes = []
    for rank, name in enumerate(names):
        command, variables = runs.command(config, "hosts"), {}
        if os.path.exists(runs.torchrun):
            command = [runs.torchrun, "--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d",
                       "--rdzv-endpoint", "10.77.0.1:29400", "--rdzv-conf", f"is_host={1 - rank}", "--local-addr",
                       f"10.77.0.{rank + 1}", "--no-python", *command]
        else:
            variables = dict(RANK=str(rank), LOCAL_RANK="0", WORLD_SIZE="2", LOCAL_WORLD_SIZE="1",
                             MASTER_ADDR="10.77.0.1", MASTER_PORT="29500")
        processes.append(subprocess.Popen(["ip", "netns", "exec", name, *command], cwd=runs.folder,
                                          stderr=subprocess.PIPE, text=True,
                                          env=dict(os.environ, OMP_NUM_THREADS="1", **variables)))
    for rank, process in enumerate(processes):
        _, errors = process.communicate(timeout=240)
        runs.check(process.returncode == 0, f"host {rank} ends with {process.returncode}: {errors[-1500:]}")


CASES = {case.__name__: case for case in (equal, options, killed, stopped, signals, resized, faults, evaluation,
                                          digests, elastic, hosts)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--torchrun", default="torchrun")
    parser.add_argument("--kills", type=int, default=2, help="of the case elastic")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("cases", nargs="+", choices=list(CASES))
    given = parser.parse_args()
    failures = 0
    skipped = False
    for name in given.cases:
        with tempfile.TemporaryDirectory() as folder:
            runs = Runs(given.program, folder)
            runs.torchrun, runs.kills, runs.seed = given.torchrun, given.kills, given.seed
            start = time.monotonic()
            skipped = CASES[name](runs) == SKIPPED or skipped
            failures += runs.failures
            print(f"{name}: {runs.failures} failures in {time.monotonic() - start:.0f} s", flush=True)
    return 1 if failures else SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
