#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/ranks/: small detectors that mmengine's Runner and mmdet train with two processes on two different
batches per iteration (DistributedDataParallel, Gloo), with the losses of each rank and the weights.

Usage: torchrun --standalone --nproc-per-node 2 tools/golden_ranks.py
Needs the environment that tools/upstream.py describes. Nothing in the configs draws a random number but the sampler."""
import copy
import json
import pathlib
import sys
import tempfile

import cv2
import numpy as np
import torch
import torch.distributed as dist

import upstream  # noqa: F401
from golden_configs import CASES, randomised
from mmengine.config import Config
from mmengine.dist import init_dist
from mmengine.hooks import Hook
from mmengine.runner import Runner

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / 'tests' / 'golden' / 'ranks'
sys.path.insert(0, str(ROOT / 'bench' / 'train_reference'))
import tensors  # noqa: E402

NAMES = ['faster_rcnn', 'retinanet', 'mask_rcnn_bitmaps', 'cascade_mask_rcnn']
IMAGES, STEPS = 14, 10
ALL = 10_000  # more than there are anchors or proposals: a sampler takes all of them

CONFIG = """
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True, with_mask={masks}),
    dict(type='Resize', scale=(64, 64), keep_ratio=True),
    dict(type='PackDetInputs')]
train_dataloader = dict(
    batch_size=2, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='CocoDataset', data_root='', ann_file='annotations.json', data_prefix=dict(img='images/'),
                 metainfo=dict(classes=('a', 'b', 'c')), pipeline=train_pipeline))
train_cfg = dict(type='IterBasedTrainLoop', max_iters={steps}, val_interval=1000)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.005, momentum=0.9, weight_decay=0.0001),
                     clip_grad=dict(max_norm=1.0))
randomness = dict(seed=1)
default_hooks = dict(logger=dict(type='LoggerHook', interval=1),
                     checkpoint=dict(type='CheckpointHook', interval=1, by_epoch=False))
log_processor = dict(window_size=1, by_epoch=False)
"""


def sampled_by_all(config):
    """The config without random choices of anchors and proposals."""
    config = copy.deepcopy(config)
    stages = config['train_cfg'].get('rcnn', [])
    for part in [config['train_cfg'].get('rpn', {}), *(stages if isinstance(stages, list) else [stages])]:
        if part:
            part['sampler']['num'] = ALL
    return config


def write_images():
    """Images of rectangles on a ramp, with boxes and masks; the sixth shows nothing."""
    (FOLDER / 'images').mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(5)
    images, annotations = [], []
    for i in range(IMAGES):
        width, height = int(draw.integers(40, 90)), int(draw.integers(40, 90))
        ramp = np.linspace(0, 120, width)[None, :, None] + np.linspace(0, 60, height)[:, None, None]
        pixels = np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8).copy()
        for _ in range(0 if i == 5 else int(draw.integers(1, 6))):
            x, y = int(draw.integers(0, width - 20)), int(draw.integers(0, height - 20))
            w, h = int(draw.integers(8, width - x)), int(draw.integers(8, height - y))
            label = int(draw.integers(0, 3))
            pixels[y:y + h, x:x + w] = draw.integers(0, 256, 3) // 4 + np.eye(3, dtype=np.uint8)[label] * 190
            annotations.append(dict(id=len(annotations) + 1, image_id=i, category_id=label + 1, bbox=[x, y, w, h], area=w * h,
                                    iscrowd=0, segmentation=[[x, y, x + w, y, x + w, y + h, x + w / 2, y + h, x, y + h / 2]]))
        cv2.imwrite(str(FOLDER / 'images' / f'{i}.png'), pixels)
        images.append(dict(id=i, file_name=f'{i}.png', width=width, height=height))
    (FOLDER / 'annotations.json').write_text(json.dumps(dict(
        images=images, annotations=annotations, categories=[dict(id=i + 1, name=n) for i, n in enumerate('abc')])))


class Recorder(Hook):
    """Sets the weights, and keeps the losses of each rank and the weights of rank 0."""

    def __init__(self):
        self.losses, self.weights = {}, {}

    def before_train(self, runner):
        torch.manual_seed(2027)
        randomised(runner.model.module)
        self.weights[0] = self.state(runner)

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        for key, value in outputs.items():
            of_ranks = [None] * dist.get_world_size()
            dist.all_gather_object(of_ranks, float(value))
            self.losses.setdefault(key, []).append(of_ranks)
        self.weights[runner.iter + 1] = self.state(runner)

    @staticmethod
    def state(runner):
        return {key: value.clone() for key, value in runner.model.module.state_dict().items()}


def train(name, work_dir):
    masks, model = CASES[name]
    model = sampled_by_all(model)
    model['data_preprocessor'] = dict(type='DetDataPreprocessor', mean=[110.0, 100.0, 90.0], std=[60.0, 61.0, 62.0],
                                      bgr_to_rgb=True, pad_size_divisor=32, pad_mask=masks is not None)
    text = f'model = {model!r}\n' + CONFIG.format(masks=masks is not None, steps=STEPS)
    config = Config.fromstring(text.replace("data_root=''", f"data_root='{FOLDER}/'"), '.py')
    config.update(work_dir=work_dir, launcher='pytorch', default_scope='mmdet', log_level='ERROR', experiment_name=name,
                  env_cfg=dict(dist_cfg=dict(backend='gloo')), model_wrapper_cfg=dict(type='MMDistributedDataParallel', device_ids=None))
    config.default_hooks.checkpoint.interval = 1000
    recorder = Recorder()
    run(config, recorder)
    return text, masks, recorder


def run(config, recorder):
    runner = Runner.from_cfg(config)
    runner.register_hook(recorder)
    runner.train()


def main():
    torch.cuda.set_device = lambda device: None
    init_dist('pytorch', backend='gloo')
    if dist.get_rank() == 0:
        write_images()
    dist.barrier()
    with tempfile.TemporaryDirectory() as work_dir:
        for name in NAMES:
            text, masks, recorder = train(name, f'{work_dir}/{name}')
            if dist.get_rank() != 0:
                continue
            made = f'tools/golden_ranks.py, mmdet 3.3.0, torch {torch.__version__}'
            tensors.write(FOLDER / f'{name}.safetensors', recorder.weights[0], {'config': text, 'made by': made})
            out = {f'losses.{key}': torch.tensor(values, dtype=torch.float64) for key, values in recorder.losses.items()}
            for step in (1, STEPS):
                out.update({f'{step}.{key}': value for key, value in recorder.weights[step].items()})
            tensors.write(FOLDER / f'{name}_trained.safetensors', out, {'made by': made})
            print(name, recorder.losses['loss'][0], recorder.losses['loss'][-1], flush=True)


if __name__ == '__main__':
    main()
