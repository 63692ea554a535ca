# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/safetensors/package.safetensors with the Python package of the format.

    pip install numpy safetensors==0.4.5
    python tools/golden/safetensors_golden.py

Every dtype once, with values that a test can name: element i of a tensor is i - 2 (booleans: i is
odd, unsigned: i). bfloat16 is given as the upper half of float32. With --check FILE it reads a file
that pinfeed wrote and prints each tensor, for comparison by eye.
"""
import sys
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

GOLDEN = Path(__file__).parents[2] / "tests/golden/safetensors/package.safetensors"


def numbered(dtype, shape):
    return (np.arange(np.prod(shape, dtype=int)) - 2).astype(dtype).reshape(shape)


def tensors():
    half = (numbered("float32", (2, 2)).view("uint32") >> 16).astype("uint16")
    arrays = {
        "bool": ("bool", np.arange(3) % 2 == 1),
        "uint8": ("uint8", np.arange(5, dtype="uint8")),
        "int16": ("int16", numbered("int16", (3,))),
        "int32": ("int32", numbered("int32", (1, 3))),
        "int64": ("int64", numbered("int64", (2, 2))),
        "float16": ("float16", numbered("float16", (4,))),
        "bfloat16": ("bfloat16", half),
        "float32": ("float32", numbered("float32", (2, 3))),
        "float64": ("float64", numbered("float64", (3, 1))),
        "scalar": ("float32", numbered("float32", ())),
        "empty": ("int64", numbered("int64", (0, 4))),
        'näme with "quotes"': ("uint8", np.arange(1, dtype="uint8")),
    }
    return {
        name: {"dtype": dtype, "shape": list(array.shape), "data": array.tobytes()}
        for name, (dtype, array) in arrays.items()
    }


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        with safetensors.safe_open(sys.argv[2], framework="numpy") as file:
            print(file.metadata())
            for name in file.keys():
                print(name, file.get_slice(name).get_dtype(), file.get_slice(name).get_shape())
        return
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_bytes(safetensors.serialize(tensors(), metadata={"format": "pt"}))


main()
