#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/train/optimizers.safetensors: steps of RMSprop (torch), LARS and Lamb (mmpretrain) along fixed
gradients. Usage: tools/golden/optimizers.py. Needs torch, mmengine, mmcv-lite and mmpretrain
(docs/specs/decisions.md, 13)."""
import importlib.util
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'bench' / 'train_reference'))

import tensors  # noqa: E402


def mmpretrain_class(file, name):
    """A class of mmpretrain without the rest of the package, which needs compiled operators."""
    folder = pathlib.Path(importlib.util.find_spec('mmpretrain').origin).parent / 'engine' / 'optimizers'
    spec = importlib.util.spec_from_file_location(name, folder / file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


LARS, LAMB = mmpretrain_class('lars.py', 'LARS'), mmpretrain_class('lamb.py', 'Lamb')
# The text of `optimizer` in a config, and the class.
CASES = {
    'rmsprop': ("dict(type='RMSprop', lr=0.01, weight_decay=0.1)", torch.optim.RMSprop),
    'rmsprop_centered': ("dict(type='RMSprop', lr=0.01, alpha=0.9, momentum=0.9, centered=True, weight_decay=0.1)",
                         torch.optim.RMSprop),
    'lars': ("dict(type='LARS', lr=0.5, momentum=0.9, weight_decay=0.1)", LARS),
    'lars_nesterov': ("dict(type='LARS', lr=0.5, momentum=0.9, weight_decay=0.1, eta=0.02, nesterov=True)", LARS),
    'lamb': ("dict(type='Lamb', lr=0.02, weight_decay=0.1)", LAMB),
    'lamb_clip': ("dict(type='Lamb', lr=0.02, weight_decay=0.1, betas=(0.8, 0.9), max_grad_norm=100.0, "
                  "bias_correction=False, grad_averaging=False, trust_clip=True, always_adapt=True)", LAMB),
}
STEPS = 4


def write():
    torch.manual_seed(5)
    start = {'weight': torch.randn(3, 4), 'bias': torch.randn(3)}
    gradients = [{key: torch.randn_like(value) for key, value in start.items()} for _ in range(STEPS)]
    out = {f'start.{key}': value for key, value in start.items()}
    for step, values in enumerate(gradients):
        out.update({f'gradients.{step}.{key}': value for key, value in values.items()})
    for case, (text, made) in CASES.items():
        options = eval(text)
        del options['type']
        params = {key: value.clone().requires_grad_() for key, value in start.items()}
        groups = [dict(params=[params['weight']]), dict(params=[params['bias']], weight_decay=0.0)]
        if made is LARS:
            groups[1]['lars_exclude'] = True
        optimizer = made(groups, **options)
        for values in gradients:
            for key, param in params.items():
                param.grad = values[key].clone()
            optimizer.step()
        out.update({f'{case}.{key}': param.detach() for key, param in params.items()})
    tensors.write(ROOT / 'tests' / 'golden' / 'train' / 'optimizers.safetensors', out,
                  {case: f'optimizer = {text}\n' for case, (text, _) in CASES.items()})


if __name__ == '__main__':
    write()
