#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets calls of the operating system fail, one in each run of pinfeed (fail_call.cpp).

inject.py --program PINFEED --fail-call LIBFAIL_CALL [--seconds S] [--skip N] [--preload FILE] [--calls CALL,...]
          batches | train

Each run must end within a minute with exit code 5 and an error, or with exit code 0 and the output of a
run without a fault, and must leave no temporary file. The call `clock` sets the time of day back by a
day, which must change nothing. The run after it must give the output of the
first run. `batches` tries every call; `train` the first, the second and the last call of each call site.
With --seconds the tries are drawn from all of them until the time is over; --skip N leaves out the
first N, which another call has tried. Prints a line for each failure; the exit code is 1 if there is
one. PINFEED_FAULT_TIMEOUT is the number of seconds for a run on a slow machine, instead of 60.
"""
import argparse
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

CALLS = ["open", "read", "write", "mmap", "alloc", "thread", "rename", "fsync", "clock"]
TIMEOUT = float(os.environ.get("PINFEED_FAULT_TIMEOUT", "60"))
INDEXED_BYTES = 17 << 20  # annotation files of this size get an index

BATCHES = """
train_dataloader = dict(batch_size=3, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True), collate_fn=dict(type='default_collate'),
    dataset=dict(type='CocoDataset', data_root='shapes/',
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        ann_file='annotations/train.json', data_prefix=dict(img='train/'),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True),
                  dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]))
pinfeed = dict(threads=2, on_bad_sample='skip', bad_sample_ledger='bad.jsonl')
"""

TRAIN = """
classes = ('circle', 'square', 'triangle', 'star', 'cross')
image = dict(type='LoadImageFromFile')
boxes = dict(type='LoadAnnotations', with_bbox=True)
size = dict(type='Resize', scale=(64, 64), keep_ratio=False)
def_data = dict(type='CocoDataset', data_root='shapes/', metainfo=dict(classes=classes))
train_dataloader = dict(batch_size=3, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(ann_file='annotations/train.json', data_prefix=dict(img='train/'),
                 pipeline=[image, boxes, size, dict(type='PackDetInputs')], **def_data))
val_dataloader = dict(batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(ann_file='annotations/val.json', data_prefix=dict(img='val/'), test_mode=True,
                 pipeline=[image, size, boxes, dict(type='PackDetInputs', meta_keys=(
                     'img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))], **def_data))
val_evaluator = dict(type='CocoMetric', ann_file='shapes/annotations/val.json', metric='bbox')
model = dict(type='FCOS',
    data_preprocessor=dict(type='DetDataPreprocessor', mean=[128.0] * 3, std=[64.0] * 3,
                           bgr_to_rgb=True, pad_size_divisor=32),
    backbone=dict(type='ViT', img_size=64, pretrain_img_size=64, patch_size=16, embed_dim=16, depth=1,
                  num_heads=2, norm_cfg=dict(type='LN', eps=1e-6)),
    neck=dict(type='SimpleFPN', backbone_channel=16, in_channels=[4, 8, 16, 16], out_channels=16, num_outs=4,
              norm_cfg=dict(type='LN2d')),
    bbox_head=dict(type='FCOSHead', num_classes=5, in_channels=16, feat_channels=16, stacked_convs=1,
                   strides=[4, 8, 16, 32], regress_ranges=((-1, 16), (16, 32), (32, 64), (64, 1e8)),
                   norm_cfg=dict(type='GN', num_groups=8)),
    test_cfg=dict(nms_pre=100, min_bbox_size=0, score_thr=0.01, nms=dict(type='nms', iou_threshold=0.5),
                  max_per_img=10))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2, val_interval=1)
val_cfg = dict(type='ValLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.001))
randomness = dict(seed=1)
pinfeed = dict(threads=1)
"""


def tensors_of(checkpoint):
    """The digest of all tensors: weights, the optimizer's and the generator's state."""
    content = checkpoint.read_bytes()
    header = int.from_bytes(content[:8], "little")
    return hashlib.sha256(content[8 + header:]).hexdigest()


class Faults:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.failures = 0
        self.runs = 0
        self.expected = None

    def call(self, command, fault=None, counts=None):
        environment = dict(os.environ)
        environment.update({"LD_PRELOAD": " ".join([*self.options.preload, self.options.fail_call]),
                            "OMP_NUM_THREADS": "1"})
        if fault:
            environment["PINFEED_FAULT"] = fault
        if counts:
            environment["PINFEED_FAULT_COUNTS"] = counts
        try:
            return subprocess.run([self.options.program, *command], cwd=self.folder, env=environment,
                                  capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(late.cmd, None, late.stdout or b"", late.stderr or b"")

    def prepare(self):
        subprocess.run([self.options.program, "shapes", "shapes", "--images", "6", "--val", "1"],
                       cwd=self.folder, check=True, capture_output=True)
        if self.options.command == "batches":
            (self.folder / "c.py").write_text(BATCHES)
            file = self.folder / "shapes/annotations/train.json"
            text = file.read_text()
            file.write_text('{"info": "' + "x" * INDEXED_BYTES + '",' + text.lstrip()[1:])
            os.utime(file, (1, 1))
        else:
            (self.folder / "c.py").write_text(TRAIN)

    def clear(self):
        for name in ("bad.jsonl", "dump.safetensors", "shapes/annotations/train.json.pinfeed-index"):
            if not (self.options.keep_index and name.endswith("-index")):
                (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "work", ignore_errors=True)

    def command(self):
        if self.options.command == "batches":
            return ["batches", "c.py", "--hash", "--dump", "dump.safetensors"]
        return ["train", "c.py", "--work-dir", "work"]

    def result(self, done):
        """What must be equal in all runs that succeed."""
        if self.options.command == "batches":
            return done.stdout
        checkpoint = self.folder / "work/epoch_2.safetensors"
        return tensors_of(checkpoint) if checkpoint.exists() else None

    def wrong(self, done, fault):
        """Why a run with a fault is wrong; None if it is right."""
        if done.returncode is None:
            return f"did not end within {TIMEOUT:.0f} s"
        leftover = [str(file) for file in self.folder.rglob("*.pinfeed-tmp")]
        if leftover:
            return f"left {leftover[0]}"
        if done.returncode == 0:
            return None if self.result(done) == self.expected else "succeeded with another result"
        if done.returncode != 5 or fault.startswith("clock"):
            return f"ended with {done.returncode}"
        return None if b"error: " in done.stderr else "printed no error"

    def report(self, fault, why, done):
        self.failures += 1
        print(f"{fault}: {why}")
        print("    " + done.stderr.decode(errors="replace").strip().replace("\n", "\n    "), flush=True)

    def attempt(self, fault):
        self.runs += 1
        self.clear()
        done = self.call(self.command(), fault=fault)
        why = self.wrong(done, fault)
        if why:
            self.report(fault, why, done)
        again = self.call(self.command())
        if again.returncode != 0 or self.result(again) != self.expected:
            self.report(fault, f"the next run ended with {again.returncode}", again)

    def counted(self):
        """The calls of a run without a fault: (call, site, count)."""
        self.clear()
        counts = self.folder / "counts"
        done = self.call(self.command(), counts=str(counts))
        if done.returncode != 0:
            sys.exit("without a fault: " + done.stderr.decode())
        self.expected = self.result(done)
        rows = [line.split() for line in counts.read_text().splitlines()]
        return [(call, site, int(count)) for call, site, count in rows if call in self.options.calls]

    def tries(self):
        rows = self.counted()
        if self.options.command == "train":
            return [f"{call}@{site}:{n}" for call, site, count in rows for n in sorted({1, min(2, count), count})]
        totals = {}
        for call, _, count in rows:
            totals[call] = totals.get(call, 0) + count
        return [f"{call}:{n}" for call, count in totals.items() for n in range(1, count + 1)]

    def run(self):
        self.prepare()
        begin = time.monotonic()
        faults = self.tries()
        if not faults:
            sys.exit("no calls were counted")
        if self.options.seconds:
            random.Random(1).shuffle(faults)
        for fault in faults[self.options.skip:]:
            if self.options.seconds and time.monotonic() - begin > self.options.seconds:
                break
            self.attempt(fault)
        if not self.runs:
            sys.exit("no fault was tried")
        print(f"{self.runs} of {len(faults)} faults tried in {self.options.command}, {self.failures} failures, "
              f"{time.monotonic() - begin:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--fail-call", required=True, help="libfail_call.so")
    parser.add_argument("--seconds", type=float, help="the time to spend; by default all faults are tried")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first faults")
    parser.add_argument("--preload", action="append", default=[], help="loaded first: the runtime of a sanitizer")
    parser.add_argument("--keep-index", action="store_true", help="read the index of the annotation file")
    parser.add_argument("--fault", help="only this one, as in PINFEED_FAULT")
    parser.add_argument("--calls", default=",".join(CALLS), type=lambda text: text.split(","))
    parser.add_argument("command", choices=["batches", "train"])
    options = parser.parse_args()
    options.program, options.fail_call = os.path.abspath(options.program), os.path.abspath(options.fail_call)
    with tempfile.TemporaryDirectory(prefix="pinfeed_faults_") as folder:
        faults = Faults(options, folder)
        if options.fault:
            faults.tries = lambda: faults.counted() and [options.fault]
        faults.run()
    sys.exit(1 if faults.failures else 0)


if __name__ == "__main__":
    main()
