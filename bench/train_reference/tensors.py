# SPDX-License-Identifier: Apache-2.0
"""Reads and writes .safetensors with nothing but torch."""
import json
import struct

import torch

DTYPES = {'F32': torch.float32, 'F64': torch.float64, 'I64': torch.int64, 'I32': torch.int32,
          'U8': torch.uint8, 'BOOL': torch.bool, 'F16': torch.float16}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def read(path):
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = entry['data_offsets']
        shape, dtype = entry['shape'], DTYPES[entry['dtype']]
        flat = torch.frombuffer(data[begin:end], dtype=dtype) if end > begin else torch.zeros(0, dtype=dtype)
        tensors[name] = flat.view(shape)
    return tensors, header.get('__metadata__', {})


def write(path, tensors, metadata=None):
    header, blobs, at = {}, [], 0
    if metadata:
        header['__metadata__'] = metadata
    for name, tensor in tensors.items():
        blob = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {'dtype': NAMES[tensor.dtype], 'shape': list(tensor.shape),
                        'data_offsets': [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + b''.join(blobs))
