# SPDX-License-Identifier: Apache-2.0
"""What several processes compute."""
import os
import signal
import subprocess

from runs import FCOS, MAE, TWO, expect, largest_difference, relative_difference, whole_run


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
    page = runs.page("plain")
    size = [fact for fact in page["environment"] if fact["name"] == "batch size"]
    runs.check([(fact["value"], fact["note"]) for fact in size] == [("4", "of 2 ranks")], f"the page has {size}")
    images = page["loader"]["images_per_second"] * page["loader"]["seconds"]
    runs.check(abs(images - 4 * 12) < 0.01, f"the page counts {images} images")
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
