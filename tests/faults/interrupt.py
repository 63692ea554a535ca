#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interrupts trainings at random moments and resumes them.

interrupt.py --program PINFEED [--tries N] [--seed S]

Each try trains with one of several configs, ends the process by SIGINT, SIGTERM, SIGHUP or SIGKILL at a
random moment, once or more often, and resumes until the training is complete. All tensors of the last
checkpoint, among them the optimizer's and the random state, must equal those of a run that was never
interrupted, and the work dir must have the same files. Prints a line for each failure; the exit code is
1 if there is one.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from inject import TRAIN

BASE = TRAIN + """
train_pipeline = [image, boxes, size, dict(type='RandomFlip', prob=0.5), dict(type='PackDetInputs')]
train_dataloader['dataset']['pipeline'] = train_pipeline
model['backbone']['depth'] = 2
model['backbone']['drop_path_rate'] = 0.2
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4, val_interval=1)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.002),
                     clip_grad=dict(max_norm=1.0))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=10)]
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2,
                                     save_best='coco/bbox_mAP'), logger=dict(type='LoggerHook', interval=5))
pinfeed = dict(threads=2)
"""

VARIANTS = {
    "epochs": "",
    "iterations": """
train_cfg = dict(type='IterBasedTrainLoop', max_iters=40, val_interval=12)
default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=5, by_epoch=False, max_keep_ckpts=3,
                                   save_best='coco/bbox_mAP')
""",
    "accumulation and averages": """
optim_wrapper['accumulative_counts'] = 4
custom_hooks = [dict(type='EMAHook', momentum=0.05)]
""",
    "plateau": """
param_scheduler = [dict(type='ReduceOnPlateauLR', monitor='coco/bbox_mAP', rule='greater', patience=0,
                        factor=0.5)]
custom_hooks = [dict(type='EarlyStoppingHook', monitor='coco/bbox_mAP', min_delta=0.5, patience=3)]
""",
    "cached mosaic": """
train_pipeline = [image, boxes, dict(type='CachedMosaic', img_scale=(64, 64), max_cached_images=8),
                  dict(type='RandomFlip', prob=0.5), size, dict(type='PackDetInputs')]
train_dataloader['dataset']['pipeline'] = train_pipeline
""",
    "mixed precision": """
optim_wrapper['type'] = 'AmpOptimWrapper'
""",
    "bad samples": """
pinfeed = dict(threads=2, on_bad_sample='skip', max_bad_fraction=0.5)
""",
}


def tensors_of(path):
    """The bytes of each tensor of a .safetensors file, by name."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: data[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]]
            for name, entry in header.items()}


class Interruptions:
    def __init__(self, program, folder, seed):
        self.program, self.folder = program, pathlib.Path(folder)
        self.random = random.Random(seed)
        self.expected = {}
        self.failures = 0
        subprocess.run([program, "shapes", "shapes", "--images", "30", "--val", "4"], cwd=folder, check=True,
                       capture_output=True)
        shutil.copytree(self.folder / "shapes", self.folder / "bad")
        for path in sorted((self.folder / "bad/train").iterdir())[3:9:3]:
            path.write_bytes(path.read_bytes()[:200])
        for number, lines in enumerate(VARIANTS.values()):
            text = BASE + lines
            if "on_bad_sample" in lines:
                text = text.replace("'shapes/", "'bad/")
            (self.folder / f"config_{number}.py").write_text(text)

    def command(self, number, work_dir, *options):
        return [self.program, "train", f"config_{number}.py", "--device", "cpu", "--torch-threads", "2",
                "--work-dir", work_dir, *options]

    def end_of(self, work_dir):
        """The tensors of the last checkpoint, and the names of all files outside the folders of the runs."""
        work = self.folder / work_dir
        last = work / pathlib.Path((work / "last_checkpoint").read_text().strip()).name
        return tensors_of(last), sorted(path.name for path in work.iterdir() if path.is_file())

    def reference(self, number):
        if number not in self.expected:
            start = time.monotonic()
            subprocess.run(self.command(number, f"whole_{number}"), cwd=self.folder, check=True,
                           capture_output=True)
            self.expected[number] = (self.end_of(f"whole_{number}"), time.monotonic() - start)
        return self.expected[number]

    def run_and_interrupt(self, number, work_dir, options, moment):
        """Exit code and what happened; the process is interrupted after `moment` seconds."""
        process = subprocess.Popen(self.command(number, work_dir, *options), cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        chosen = self.random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(chosen)
        try:
            _, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            return -99, f"{chosen.name} at {moment:.2f} s: it hangs\n{errors[-1500:]}"
        return process.returncode, f"{chosen.name} at {moment:.2f} s: exit code {process.returncode}\n{errors[-1500:]}"

    def attempt(self, index):
        number = index % len(VARIANTS)
        (tensors, files), seconds = self.reference(number)
        work_dir = f"try_{index}"
        story = []
        for round_ in range(4):  # the last one is not interrupted
            options = ["--resume"] if round_ else []
            if self.random.random() < 0.3:
                options.append("--save-on-term=now")
            moment = self.random.uniform(0.0, seconds) if round_ < 3 else 600.0
            code, what = self.run_and_interrupt(number, work_dir, options, moment)
            story.append(what)
            if code == 0:
                break
            if code not in (130, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP):
                return self.fail(index, number, f"exit code {code}", story)
        if code != 0:
            return self.fail(index, number, "it does not end", story)
        end_tensors, end_files = self.end_of(work_dir)
        if end_files != files:
            return self.fail(index, number, f"files {end_files} instead of {files}", story)
        unequal = [name for name in tensors if end_tensors.get(name) != tensors[name]]
        if unequal or set(end_tensors) != set(tensors):
            return self.fail(index, number, f"{len(unequal)} of {len(tensors)} tensors differ", story)
        shutil.rmtree(self.folder / work_dir)

    def fail(self, index, number, reason, story):
        self.failures += 1
        print(f"try {index} ({list(VARIANTS)[number]}): {reason}\n  " + "\n  ".join(story), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        interruptions = Interruptions(os.path.abspath(options.program), folder, options.seed)
        for index in range(options.tries):
            interruptions.attempt(index)
    print(f"{options.tries} tries, {interruptions.failures} failures")
    return 1 if interruptions.failures else 0


if __name__ == "__main__":
    sys.exit(main())
