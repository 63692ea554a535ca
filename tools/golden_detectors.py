#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/detectors/*.safetensors: small detectors with their losses, gradients and detections, computed by
mmdet. Usage: tools/golden_detectors.py VITDET [CASE...]. VITDET is a folder with mmdet's projects/ViTDet/vitdet in it.
Needs the environment that tools/upstream.py describes."""
import pathlib
import sys

import numpy as np
import torch

import upstream  # noqa: F401
from golden_configs import CASES, randomised
from golden_truth import IMAGES, SIZE, sample_of, store_sample
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'bench' / 'train_reference'))
sys.path.insert(0, sys.argv[1])

import projects.ViTDet.vitdet  # noqa: E402, F401
import tensors  # noqa: E402

SEEDS = {}  # of cases in which another seed leaves a part without a gradient
FOLDER = ROOT / 'tests' / 'golden' / 'detectors'


def require_gradients(model):
    unused = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and (parameter.grad is None or not (parameter.grad != 0).any()):
            unused.append(name)
    assert not unused, f'no gradient: {unused}'


def total(losses):
    values = {}
    for key, value in losses.items():
        values[key] = sum(v.mean() for v in value) if isinstance(value, (list, tuple)) else value.mean()
    return values, sum(v for k, v in values.items() if 'loss' in k)


def inputs():
    return torch.randn(len(IMAGES), 3, *SIZE, generator=torch.Generator().manual_seed(1))


def losses_of_steps(model, images, mask_kind, steps=50, rate=2e-3):
    """The losses of a short training by SGD on the same batch, whose gradient has at most the norm 1."""
    torch.manual_seed(11)
    model.train()
    values = []
    for _ in range(steps):
        model.zero_grad()
        _, loss = total(model.loss(images, [sample_of(image, mask_kind) for image in IMAGES]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter -= rate * parameter.grad
        values.append(loss.item())
    return torch.tensor(values, dtype=torch.float64)


def write_case(name):
    mask_kind, config = CASES[name]
    torch.manual_seed(SEEDS.get(name, 2027))
    model = randomised(MODELS.build(ConfigDict(config))).train()
    images, out = inputs(), {}
    for i, image in enumerate(IMAGES):
        store_sample(out, i, image, mask_kind)
    torch.manual_seed(7)
    losses, loss = total(model.loss(images, [sample_of(image, mask_kind) for image in IMAGES]))
    loss.backward()
    require_gradients(model)
    for key, value in losses.items():
        out[f'losses.{key}'] = value
    for key, parameter in model.named_parameters():
        out[f'weights.{key}'] = parameter.detach().clone()
        if parameter.requires_grad:
            out[f'grads.{key}'] = parameter.grad.clone()
    model.eval()
    with torch.no_grad():
        found = model.predict(images, [sample_of(image, mask_kind) for image in IMAGES], rescale=True)
    for i, sample in enumerate(found):
        instances = sample.pred_instances
        out[f'{i}.found.bboxes'], out[f'{i}.found.scores'] = instances.bboxes, instances.scores
        out[f'{i}.found.labels'] = instances.labels
        if mask_kind:
            out[f'{i}.found.masks'] = torch.from_numpy(np.packbits(instances.masks.numpy()))
    out['steps'] = losses_of_steps(model, images, mask_kind)
    tensors.write(FOLDER / f'{name}.safetensors', out, {
        'config': f'model = {config!r}\n', 'masks': mask_kind or 'none',
        'made by': f'tools/golden_detectors.py, mmdet 3.3.0, torch {torch.__version__}'})
    print(name, {k: round(v.item(), 5) for k, v in losses.items()}, [len(s.pred_instances) for s in found])


if __name__ == '__main__':
    FOLDER.mkdir(exist_ok=True)
    tensors.write(FOLDER / 'inputs.safetensors', {'inputs': inputs()})
    for case in sys.argv[2:] or CASES:
        write_case(case)
