# SPDX-License-Identifier: Apache-2.0
"""Trainings of several processes, for the tests in this folder."""
import array
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "faults"))
from inject import TRAIN  # noqa: E402
from interrupt import tensors_of  # noqa: E402

# SGD, because AdamW divides by the size of the gradient: where that is nothing but rounding, as that of the bias
# of a key, the weights are too.
FCOS = TRAIN + """
train_pipeline = [image, boxes, size, dict(type='RandomFlip', prob=0.5), dict(type='PackDetInputs')]
train_dataloader['dataset']['pipeline'] = train_pipeline
train_dataloader['batch_size'] = 4
train_cfg = dict(type='IterBasedTrainLoop', max_iters=50, val_interval=1000)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.002, momentum=0.9),
                     clip_grad=dict(max_norm=10.0))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=10)]
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=10, by_epoch=False, max_keep_ckpts=2),
                     logger=dict(type='LoggerHook', interval=1))
log_processor = dict(window_size=1)
pinfeed = dict(threads=1)
"""

MAE = """
model = dict(type='MAE',
    data_preprocessor=dict(type='SelfSupDataPreprocessor', mean=[128.0] * 3, std=[64.0] * 3, to_rgb=True),
    backbone=dict(type='MAEViT', arch=dict(embed_dims=16, num_layers=2, num_heads=2, feedforward_channels=32),
                  img_size=64, patch_size=16, mask_ratio=0.75),
    neck=dict(type='MAEPretrainDecoder', num_patches=16, patch_size=16, in_chans=3, embed_dim=16,
              decoder_embed_dim=16, decoder_depth=1, decoder_num_heads=2, mlp_ratio=2.0),
    head=dict(type='MAEPretrainHead', norm_pix=True, patch_size=16,
              loss=dict(type='PixelReconstructionLoss', criterion='L2')))
train_dataloader = dict(batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='CocoDataset', data_root='shapes/',
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        ann_file='annotations/train.json', data_prefix=dict(img='train/'),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='RandomResizedCrop', scale=64),
                  dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=50, val_interval=1000)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01, momentum=0.9))
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=50, by_epoch=False),
                     logger=dict(type='LoggerHook', interval=1))
log_processor = dict(window_size=1)
pinfeed = dict(threads=1)
"""


SKIPPED = 77
TWO = "train_dataloader['batch_size'] = 2\n"  # of 2 processes: 4 in all


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Rank:
    """A process with the variables of torchrun."""

    def __init__(self, command, folder, rank, world, port, environment, prefix=(), before=None):
        variables = dict(os.environ, RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(world),
                         LOCAL_WORLD_SIZE=str(world), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port),
                         OMP_NUM_THREADS="1") | environment
        variables = {name: value for name, value in variables.items() if value is not None}
        self.errors = open(folder / f"rank_{rank}.txt", "w+")
        self.process = subprocess.Popen([*prefix, *command], cwd=folder, env=variables, stdout=subprocess.DEVNULL,
                                        stderr=self.errors, preexec_fn=before)

    def end(self, timeout=120):
        """The exit code, or -99 for a process that hangs, and what it has printed."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = -99
        self.errors.seek(0)
        return code, self.errors.read()


class Runs:
    def __init__(self, program, folder, images=32):
        self.program, self.folder = os.path.abspath(program), pathlib.Path(folder)
        self.failures = 0
        subprocess.run([self.program, "shapes", "shapes", "--images", str(images), "--val", "5"],
                       cwd=folder, check=True, capture_output=True)

    def check(self, right, what):
        """Counts and prints a failure."""
        if not right:
            self.failures += 1
            print(f"failed: {what}", flush=True)
        return right

    def config(self, name, text):
        (self.folder / f"{name}.py").write_text(text)
        return f"{name}.py"

    def command(self, config, work_dir, *options):
        return [self.program, "train", config, "--device", "cpu", "--torch-threads", "1", "--work-dir", work_dir,
                *options]

    def alone(self, config, work_dir, *options, environment=None):
        return subprocess.run(self.command(config, work_dir, *options), cwd=self.folder, capture_output=True, text=True,
                              env=dict(os.environ, OMP_NUM_THREADS="1", **(environment or {})), timeout=300)

    def start(self, config, work_dir, world=2, options=(), environment=None, only=None, **more):
        """Starts the ranks, or those of `only`, and returns them. `environment` has further variables, or gives those
        of a rank; None removes one. `command` replaces that of a training."""
        port = more.pop("port", None) or free_port()
        command = more.pop("command", None) or self.command(config, work_dir, *options)
        variables = environment if callable(environment) else lambda rank: environment or {}
        return [Rank(command, self.folder, rank, world, port, variables(rank), **more)
                for rank in (range(world) if only is None else only)]

    def page(self, work_dir):
        """The data of the page of a run."""
        page = next((self.folder / work_dir).glob("*/report.html")).read_text()
        return json.loads(re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1])

    def log(self, work_dir):
        """The text of the newest log of rank 0."""
        logs = [path for path in (self.folder / work_dir).glob("*/*.log") if "_rank" not in path.name]
        return max(logs, key=lambda path: path.stat().st_mtime).read_text() if logs else ""

    def wait_for_iteration(self, work_dir, iteration, seconds=90):
        """Waits until rank 0 has logged this iteration."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if re.search(rf"\[ *{iteration}/", self.log(work_dir)):
                return True
            time.sleep(0.02)
        return self.check(False, f"{work_dir} does not reach iteration {iteration}")

    def losses(self, work_dir):
        values = {}
        for path in sorted((self.folder / work_dir).glob("*/vis_data/scalars.json")):
            for line in path.read_text().splitlines():
                entry = json.loads(line)
                if "loss" in entry:
                    values[entry["step"]] = entry["loss"]
        return [values[step] for step in sorted(values)]

    def weights(self, work_dir):
        """All tensors of the last checkpoint, as bytes."""
        work = self.folder / work_dir
        return tensors_of(work / pathlib.Path((work / "last_checkpoint").read_text().strip()).name)

    def floats(self, work_dir):
        """The weights of the last checkpoint, as numbers."""
        work = self.folder / work_dir
        return self.numbers(work / pathlib.Path((work / "last_checkpoint").read_text().strip()).name)

    @staticmethod
    def numbers(path):
        """The weights of a checkpoint."""
        return {name: array.array("f", data) for name, data in tensors_of(path).items()
                if not name.startswith(("optimizer", "random", "gradient", "hook")) and len(data) % 4 == 0}


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


def expect(runs, name, ranks, codes, text):
    ends = [rank.end() for rank in ranks]
    runs.check([code for code, _ in ends] == codes and all(text in errors for _, errors in ends), f"{name}: {ends}")
