# SPDX-License-Identifier: Apache-2.0
"""Writes the checkpoints of tests/golden/pth, which formats/weights/ reads in its tests.

usage: pth_files.py FOLDER       (needs torch and numpy)
"""
import argparse
import collections
import pickle
import sys
import types

import numpy
import torch


class HistoryBuffer:
    """The state that mmengine's class of this name has in checkpoints."""

    def __init__(self):
        self.history = numpy.arange(4, dtype=numpy.float64) / 2
        self.max_length = 1000000

    @staticmethod
    def mean(values):
        return values.mean()

    def __getstate__(self):
        return {**self.__dict__, "statistics_methods": {"mean": HistoryBuffer.mean}}


# Pickled under the name of the real module.
module = types.ModuleType("mmengine.logging.history_buffer")
HistoryBuffer.__module__ = module.__name__
module.HistoryBuffer = HistoryBuffer
for name in ("mmengine", "mmengine.logging"):
    sys.modules[name] = types.ModuleType(name)
sys.modules[module.__name__] = module


def state_dict():
    base = torch.arange(24, dtype=torch.float32)
    state = collections.OrderedDict()
    state["matrix"] = base[:6].view(2, 3)
    state["transposed"] = base[:6].view(2, 3).t()
    state["tail"] = base[20:]
    state["half"] = torch.tensor([0.5, -2.0], dtype=torch.float16)
    state["bfloat"] = torch.tensor([1.5], dtype=torch.bfloat16)
    state["flags"] = torch.tensor([True, False, True])
    state["bytes"] = torch.tensor([1, 255], dtype=torch.uint8)
    state["int8"] = torch.tensor([-3], dtype=torch.int8)
    state["int16"] = torch.tensor([-300], dtype=torch.int16)
    state["int32"] = torch.tensor([7], dtype=torch.int32)
    state["steps"] = torch.tensor(1234567890123)
    state["double"] = torch.tensor([0.1], dtype=torch.float64)
    state["complex"] = torch.tensor([1 + 2j], dtype=torch.complex64)
    state["parameter"] = torch.nn.Parameter(torch.ones(2))
    state["empty"] = torch.zeros(0, 3)
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    return state


def checkpoint():
    return {
        "meta": {"epoch": 3, "lr": 0.5, "cfg": "a = 1\n", "none": None, "large": 1 << 80,
                 "args": argparse.Namespace(batch_size=64)},
        "state_dict": state_dict(),
        "message_hub": {"log_scalars": collections.OrderedDict(loss=HistoryBuffer())},
        "optimizer": {"state": {0: {"step": torch.tensor(2.0), "exp_avg": torch.ones(2, 3)}},
                      "param_groups": [{"lr": 0.25, "params": [0]}]},
        "scalar": numpy.float32(1.5),
        "sizes": torch.Size([2, 3]),
        "dtype": torch.float32,
        "device": torch.device("cpu"),
        "set": {1},
    }


def main(folder):
    torch.save(checkpoint(), f"{folder}/zip.pth")
    torch.save(checkpoint(), f"{folder}/zip_protocol4.pth", pickle_protocol=4)
    torch.save(checkpoint(), f"{folder}/legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(state_dict(), f"{folder}/state_only.pth")
    torch.save({"float8": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn),
                "uint16": torch.tensor([65535], dtype=torch.uint16)}, f"{folder}/untyped.pth")
    arrays = {"model": {"a": numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
                        "f": numpy.asfortranarray(numpy.arange(6, dtype=numpy.int64).reshape(2, 3))},
              "names": numpy.array(["x"], dtype=object), "__author__": "someone"}
    for protocol in (2, 5):
        with open(f"{folder}/arrays_protocol{protocol}.pkl", "wb") as file:
            pickle.dump(arrays, file, protocol=protocol)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), f"{folder}/script.pt")


main(sys.argv[1])
