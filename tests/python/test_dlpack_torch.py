# SPDX-License-Identifier: Apache-2.0
"""Tensors in torch."""

import gc

import numpy
import pytest

import pinfeed

torch = pytest.importorskip("torch", reason="torch is absent")


def test_torch_shares_the_memory(loader):
    image = next(iter(loader))["inputs"][0]
    view = torch.from_dlpack(image)
    assert view.dtype == torch.uint8 and tuple(view.shape) == image.shape and view.stride() == image.strides
    image.numpy()[0, 0, 0] ^= 255
    assert view[0, 0, 0] == image.numpy()[0, 0, 0]


def test_torch_keeps_the_batch(config, dumped):
    loader = pinfeed.Loader(config)
    view = torch.from_dlpack(next(iter(loader))["inputs"][0])
    loader.close()
    del loader
    gc.collect()
    numpy.testing.assert_array_equal(view.numpy(), dumped["0.inputs.0"].numpy())


def test_torch_reads_every_type(tmp_path):
    tensors = {str(dtype).split(".")[1]: torch.tensor([[0, 1], [1, 1]]).to(dtype) for dtype in (
        torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
        torch.float32, torch.float64, torch.complex64)}
    torch.save({"state_dict": tensors}, tmp_path / "all.pth")
    weights = pinfeed.load_weights(tmp_path / "all.pth")
    assert set(weights) == set(tensors)
    for name, tensor in tensors.items():
        assert weights[name].dtype == name
        assert torch.equal(torch.from_dlpack(weights[name]), tensor)


def test_a_scheduler_equals_the_values_of_the_schedule(config):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.02, momentum=0.9)
    scheduler = pinfeed.LRScheduler(optimizer, config, epoch_length=6)
    seen = []
    for _ in range(24):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert seen == pinfeed.schedule(config, epoch_length=6)["lr"].tolist()
