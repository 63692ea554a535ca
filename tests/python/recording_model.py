# SPDX-License-Identifier: Apache-2.0
"""A model of mmengine that keeps what it gets, and a strict comparison of batches."""
import copy

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import HOOKS, METRICS, MODELS
from mmengine.evaluator import BaseMetric
from mmengine.structures import BaseDataElement


@MODELS.register_module()
class RecordingModel(BaseModel):
    """Keeps the batches of the data loader and those of the data preprocessor. Its loss depends on the pixels."""

    def __init__(self, data_preprocessor=None, keep=True):
        super().__init__(data_preprocessor)
        self.weight = torch.nn.Parameter(torch.ones(3))
        self.keep = keep
        self.seen, self.losses = [], []
        self.forwarded = []  # what forward() gets, also inside of MMDistributedDataParallel

    def train_step(self, data, optim_wrapper):
        raw = copy.deepcopy(data) if self.keep else None
        result = super().train_step(data, optim_wrapper)
        if self.keep:
            self.seen.append((raw, self.ready))
        return result

    def val_step(self, data):
        self.seen.append((copy.deepcopy(data), copy.deepcopy(self.data_preprocessor(data, False))))
        return self.seen[-1][1]["data_samples"]

    def forward(self, inputs, data_samples=None, mode="loss"):
        self.ready = copy.deepcopy(dict(inputs=inputs, data_samples=data_samples)) if self.keep else None
        if self.keep:
            self.forwarded.append(self.ready)
        images = inputs if isinstance(inputs, torch.Tensor) else torch.stack(inputs)
        means = images.float().mean((0, 2, 3))
        loss = ((self.weight * means - 1) ** 2).sum()
        self.losses.append(loss.item())
        return dict(loss=loss)


@HOOKS.register_module()
class PlaceHook(Hook):
    """Keeps where each iteration was: (epoch, iteration, batch of the epoch, whether it is the last)."""

    def before_run(self, runner):
        runner.places = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        runner.places.append((runner.epoch, runner.iter, batch_idx, last))


@METRICS.register_module()
class CountMetric(BaseMetric):
    """Counts the samples of a validation."""

    def process(self, data_batch, data_samples):
        self.results.extend(1 for _ in data_samples)

    def compute_metrics(self, results):
        return dict(count=len(results), classes=len(self.dataset_meta["classes"]))


def assert_same(one, other, path="batch"):
    """Fails unless both are equal to the bit: types, shapes, dtypes, values, fields."""
    assert type(one) is type(other), f"{path}: {type(one)} and {type(other)}"
    if isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype and one.shape == other.shape, path
        assert torch.equal(one, other), path
        assert one.is_contiguous() == other.is_contiguous(), path
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and np.array_equal(one, other), path
    elif isinstance(one, BaseDataElement):
        # mmengine keeps the names of the fields in sets: they have no order.
        assert_same(dict(sorted(one.metainfo_items())), dict(sorted(other.metainfo_items())), path + ".metainfo")
        assert_same(dict(sorted(one.items())), dict(sorted(other.items())), path)
    elif isinstance(one, dict):
        assert list(one) == list(other), path
        for key in one:
            assert_same(one[key], other[key], f"{path}[{key!r}]")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), path
        for i, (a, b) in enumerate(zip(one, other)):
            assert_same(a, b, f"{path}[{i}]")
    elif hasattr(one, "__dict__"):  # boxes and masks of mmdet
        assert_same(vars(one), vars(other), path)
    else:
        assert one == other, f"{path}: {one!r} and {other!r}"
