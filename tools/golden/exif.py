# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/exif.txt: the orientation that OpenCV and Pillow read in odd EXIF blocks.

Needs opencv-python-headless (made with 4.14.0) and Pillow (13.0.0): python tools/golden/exif.py
A line has the block in hexadecimal, OpenCV's orientation, and Pillow's, 0 where Pillow fails.
"""
import io
import random
import struct
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

OUT = Path(__file__).resolve().parents[2] / 'tests' / 'golden' / 'exif.txt'
TAGS = [0x10e, 0x10f, 0x110, 0x112, 0x112, 0x112, 0x11a, 0x11b, 0x128, 0x131, 0x132, 0x13e, 0x13f, 0x211, 0x213,
        0x214, 0x8298, 0x8769, 0x8825, 0x100, 0x9000, 0x1234]
ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8, 6, 6, 8, 0, 9, 255, 65535]


def entry(rng, order, data_start, data_bytes):
    tag = rng.choice(TAGS)
    kind = rng.choice([1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 0, 77])
    count = rng.choice([0, 1, 1, 1, 1, 2, 3, 4, 5, 8, 20, 2**30, 2**32 - 1])
    if tag == 0x112 and rng.random() < 0.6:
        kind, count = 3, 1
    value = struct.pack(order + 'I', rng.choice([data_start] * 3 + [data_start + max(data_bytes - 1, 0), 0, 8, 1000,
                                                                    2**31, 2**32 - 1]))
    if tag == 0x112:
        orientation = rng.choice(ORIENTATIONS)
        value = (struct.pack(order + 'I', orientation) if kind == 4 else
                 struct.pack(order + 'H', orientation) + rng.choice([b'\0\0', b'\1\2']))
    return struct.pack(order + 'HHI', tag, kind, count) + value


def block(rng):
    order = rng.choice('<>')
    entries = rng.randint(0, 5)
    start = 8 if rng.random() < 0.9 else rng.choice([0, 2, 9, 12, 200, 2**31, 2**32 - 1])
    data = (b'II' if order == '<' else b'MM') + struct.pack(order + 'HI', 42, start) + b'\0' * max(min(start, 12) - 8, 0)
    data_bytes = rng.choice([0, 8, 48])
    data_start = 8 + 2 + 12 * entries + 4
    stated = entries if rng.random() < 0.9 else rng.choice([entries + 1, entries + 50, 65535])
    data += struct.pack(order + 'H', stated)
    data += b''.join(entry(rng, order, data_start, data_bytes) for _ in range(entries))
    data += bytes(4 + data_bytes)
    if rng.random() < 0.1:
        data = data[:rng.randint(0, len(data))]
    if data and rng.random() < 0.1:
        changed = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(min(len(changed), 14))] = rng.choice([0, 42, 0x49, 0x4d, 255, rng.randrange(256)])
        data = bytes(changed)
    return data


def oriented(image):
    """The eight orientations of an image, from 1 on."""
    return [image, image[:, ::-1], image[::-1, ::-1], image[::-1], image.transpose(1, 0, 2), np.rot90(image, -1),
            image[::-1, ::-1].transpose(1, 0, 2), np.rot90(image, 1)]


def number_of(image, plain):
    return next(i + 1 for i, one in enumerate(oriented(plain)) if one.shape == image.shape and (one == image).all())


def pillow_image(data):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert('RGB'))


def main():
    warnings.simplefilter('ignore')
    rng = random.Random(1)
    colors = np.random.default_rng(1).integers(0, 255, (3, 5, 3), dtype=np.uint8)
    jpeg = cv2.imencode('.jpg', cv2.resize(colors, (40, 24), interpolation=cv2.INTER_NEAREST))[1].tobytes()
    plain = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    plain_pillow = pillow_image(jpeg)
    lines = []
    for _ in range(600):
        tiff = block(rng)
        segment = b'Exif\0\0' + tiff
        data = jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(segment) + 2) + segment + jpeg[2:]
        opencv = number_of(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), plain)
        try:
            pillow = number_of(pillow_image(data), plain_pillow)
        except Exception:
            pillow = 0
        lines.append(f'{tiff.hex() or "-"} {opencv} {pillow}\n')
    OUT.write_text(''.join(lines))


if __name__ == '__main__':
    main()
