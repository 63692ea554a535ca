# SPDX-License-Identifier: Apache-2.0
"""Writes arrays of numpy to a .safetensors file."""

import json
import struct

NAMES = {"bool": "BOOL", "uint8": "U8", "int8": "I8", "int16": "I16", "uint16": "U16", "int32": "I32", "uint32": "U32",
         "int64": "I64", "uint64": "U64", "float16": "F16", "float32": "F32", "float64": "F64"}


def write_safetensors(path, arrays):
    header, at = {}, 0
    ordered = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
    for name, array in ordered:
        header[name] = {"dtype": NAMES[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, array in ordered:
            file.write(array.tobytes())
