# SPDX-License-Identifier: Apache-2.0
"""Ranks that end, hang, or do not start in the same way."""
import json
import resource
import signal
import socket
import subprocess
import time

from runs import FCOS, TWO, expect, free_port, whole_run


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
    runs.check(code == 5 and "rank 1 of 2" in errors and "no sign of life" in errors and seconds < 30,
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
    expect(runs, "the last of three never starts", runs.start(hurried, "never", 3, only=[0, 1]), [5, 5],
           "error: of 3 ranks, these have not started within 3 s: 2")
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
           "error: the ranks do not start the same: rank 1 has '")
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
    other_evaluation(runs, config, other)


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
    runs.check("WARNING - rank 1 has no log: it cannot write " in runs.log("read_only"), "nothing says that rank 1 has no log")
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


def other_evaluation(runs, config, other):
    """Ranks that evaluate by another config, or another checkpoint."""
    def command(config, checkpoint):
        return [runs.program, "eval", config, checkpoint, "--device", "cpu"]

    for name, second, text in (("another config", (other, "a.safetensors"), "rank 1 has '"),
                               ("another checkpoint", (config, "b.safetensors"),
                                "rank 1 has 'checkpoint b.safetensors' where rank 0 has 'checkpoint a.safetensors'")):
        port = free_port()
        ranks = runs.start(None, None, only=[0], port=port, command=command(config, "a.safetensors"))
        ranks += runs.start(None, None, only=[1], port=port, command=command(*second))
        expect(runs, "evaluation: " + name, ranks, [2, 2], "error: the ranks do not start the same: " + text)
