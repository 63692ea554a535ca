# SPDX-License-Identifier: Apache-2.0
"""Ranks that torchrun, SLURM, Open MPI or --nproc start."""
import os
import random
import signal
import subprocess

from runs import FCOS, SKIPPED, TWO, expect, whole_run


SHORT = FCOS + TWO + "train_cfg['max_iters'] = 12\n"


def nproc(runs):
    """The ranks of --nproc are those of pinfeed, whatever else is set."""
    outer = dict(TORCHELASTIC_USE_AGENT_STORE="True", TORCHELASTIC_RUN_ID="a", SLURM_PROCID="0", SLURM_NTASKS="2",
                 SLURM_STEP_NUM_TASKS="1", OMPI_COMM_WORLD_RANK="0", OMPI_COMM_WORLD_SIZE="1")

    def ignore_children():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    for name, text, options in (("option", "", ["--launcher", "none"]), ("config", "launcher = 'slurm'\n", [])):
        command = runs.command(runs.config(name, SHORT + text), name, "--nproc", "2", *options)
        try:
            result = subprocess.run(command, cwd=runs.folder, stderr=subprocess.PIPE, text=True, timeout=120,
                                    env=dict(os.environ, **outer), preexec_fn=ignore_children)
            runs.check(result.returncode == 0, f"{name}: {result.stderr[-800:]}")
        except subprocess.TimeoutExpired:
            runs.check(False, f"{name}: --nproc does not end")
        runs.check("rank 0 of 2, started by pytorch" in runs.log(name), f"{name}: other ranks")


def launchers(runs):
    """The variables of SLURM and of Open MPI, as srun and mpirun set them."""
    config = runs.config("launchers", SHORT)
    none = dict.fromkeys(("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"))

    def slurm(rank):
        return dict(none, MASTER_ADDR=None, SLURM_PROCID=str(rank), SLURM_LOCALID=str(rank), SLURM_NODEID="0",
                    SLURM_STEP_NUM_TASKS="2", SLURM_STEP_TASKS_PER_NODE="2", SLURM_STEP_NODELIST="localhost")

    def mpi(rank):
        return dict(none, MASTER_ADDR=None, OMPI_COMM_WORLD_RANK=str(rank), OMPI_COMM_WORLD_SIZE="2",
                    OMPI_COMM_WORLD_LOCAL_RANK=str(rank), OMPI_COMM_WORLD_LOCAL_SIZE="2")

    expect(runs, "torchrun's variables", runs.start(config, "pytorch"), [0, 0], "")
    for name, environment in {"slurm": slurm, "mpi": mpi}.items():
        expect(runs, name, runs.start(config, name, environment=environment), [0, 0], "")
        runs.check(f"rank 0 of 2, started by {name}" in runs.log(name), f"{name}: other ranks")
        runs.check(runs.weights(name) == runs.weights("pytorch"), f"{name}: other weights")
    expect(runs, "a job that SLURM starts again",
           runs.start(config, "slurm", environment=lambda rank: dict(slurm(rank), SLURM_RESTART_COUNT="1")), [0, 0], "")
    runs.check("resumed from" in runs.log("slurm"), "the job begins anew")


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
