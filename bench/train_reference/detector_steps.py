#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same as bench/train_steps.cpp by mmdet: trains a few steps on the first batches of a config and prints
"step loss seconds CPU-seconds". Usage: detector_steps.py CONFIG.py WEIGHTS BATCHES STEPS. Needs the environment that
tools/upstream.py describes."""
import contextlib
import itertools
import pathlib
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'tools'))

import upstream  # noqa: E402, F401
import tensors  # noqa: E402
from mmdet.registry import MODELS  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.optim import build_optim_wrapper  # noqa: E402
from mmengine.runner import Runner  # noqa: E402


def step(model, optimizer, batch):
    """What train_step() of mmengine's models does, without the preprocessor."""
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    optimizer.update_params(loss)
    return loss.item()


def main(config, weights, batches, steps):
    config = Config.fromfile(config)
    model = MODELS.build(config.model)
    model.load_state_dict(tensors.read(weights)[0])
    model.train()
    with contextlib.redirect_stdout(sys.stderr):  # pycocotools prints
        loader = Runner.build_dataloader(config.train_dataloader, seed=0)
    batches = [model.data_preprocessor(batch, True) for batch in itertools.islice(loader, int(batches))]
    optimizer = build_optim_wrapper(model, config.optim_wrapper)
    torch.manual_seed(0)
    for i in range(int(steps)):
        cpu, begin = time.process_time(), time.perf_counter()
        loss = step(model, optimizer, batches[i % len(batches)])
        seconds = time.perf_counter() - begin
        print(i, f'{loss:.9g}', f'{seconds:.6f}', f'{time.process_time() - cpu:.6f}', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
