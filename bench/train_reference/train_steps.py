#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same as bench/train_steps.cpp with PyTorch's Python API: trains a few steps on dumped batches and
prints "step loss seconds". Usage: train_steps.py CONFIG.json WEIGHTS BATCHES STEPS [DEVICE [float32|bfloat16]]"""
import json
import sys
import time

import torch

import tensors
from fcos import Fcos
from mae import Mae


def preprocessing(config):
    """(images, ...) -> float32, normalised, in RGB order where the config says so."""
    keys = config['model'].get('data_preprocessor') or config.get('data_preprocessor')
    mean, std = (torch.tensor(keys[k]).view(1, 3, 1, 1) for k in ('mean', 'std'))
    swap = keys.get('bgr_to_rgb') or keys.get('to_rgb')

    def run(images):
        images = images[:, [2, 1, 0]] if swap else images
        return ((images.float() - mean) / std).contiguous()

    return run


def read_batches(path, prepare):
    stored, _ = tensors.read(path)
    batches = []
    while f'{len(batches)}.inputs' in stored or f'{len(batches)}.inputs.0' in stored:
        k = len(batches)
        images = stored.get(f'{k}.inputs')
        if images is None:
            listed = [name for name in stored if name.startswith(f'{k}.inputs.')]
            images = torch.stack([stored[f'{k}.inputs.{i}'] for i in range(len(listed))])
        targets = [(stored[f'{k}.{i}.bboxes'], stored[f'{k}.{i}.labels'])
                   for i in range(len(images)) if f'{k}.{i}.bboxes' in stored]
        batches.append((prepare(images), targets))
    return batches


def main(config, weights, batches, steps, device='cpu', dtype='float32'):
    with open(config) as file:
        config = json.load(file)
    model = Mae(config['model']) if config['model']['type'].endswith('MAE') else Fcos(config['model'])
    model.load_state_dict(tensors.read(weights)[0])
    model.to(device)
    batches = [(images.to(device), [(boxes.to(device), labels.to(device)) for boxes, labels in targets])
               for images, targets in read_batches(batches, preprocessing(config))]
    keys = {k: v for k, v in config['optim_wrapper']['optimizer'].items() if k != 'type'}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], **keys)
    model.train()
    torch.manual_seed(0)
    for i in range(int(steps)):
        begin = time.perf_counter()
        with torch.autocast(device, torch.bfloat16, enabled=dtype == 'bfloat16'):
            loss = sum(model.losses(*batches[i % len(batches)]).values())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        value = loss.item()
        print(i, f'{value:.9g}', f'{time.perf_counter() - begin:.6f}', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
