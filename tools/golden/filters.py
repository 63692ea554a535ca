# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/image_filters.txt with Pillow, OpenCV 4 and mmcv's colour functions.

    pip install "opencv-python-headless<5" numpy pillow mmcv-lite==2.1.0
    python tools/golden/filters.py
"""
import pathlib
import zlib

import cv2
import mmcv
import numpy as np
import PIL
from PIL import Image

from image import GOLDEN, noise

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS, "box": Image.BOX, "hamming": Image.HAMMING}
SIZES = [((64, 48), (64, 48)), ((64, 48), (32, 24)), ((61, 47), (224, 224)), ((500, 333), (224, 224)), ((300, 2), (7, 5)),
         ((5, 300), (40, 20)), ((97, 31), (97, 13)), ((97, 31), (13, 31))]
MATRICES = [(1, 0, 0, 0, 1, 0, 0, 0, 1), (0.9, 0.2, -7.5, -0.15, 1.1, 12.25, 0, 0, 1), (1.7, -0.4, 30, 0.3, 0.6, -11, 0, 0, 1),
            (0.4, 0.05, 3, -0.02, 0.45, 8, 0.0004, -0.0003, 1)]
WINDOWED = [((64, 48), (51, 39)), ((64, 48), (128, 96)), ((64, 48), (32, 24)), ((17, 13), (40, 31)), ((5, 3), (20, 9)), ((15, 16), (45, 32)),
            ((500, 333), (224, 149)), ((97, 31), (13, 31)), ((31, 97), (31, 200))]
# What is done, in order: brightness, contrast, saturation, hue.
JITTERS = [[(0, 0.4)], [(0, 1.7)], [(1, 0.3)], [(1, 1.6)], [(2, 0.2)], [(2, 1.9)], [(3, 0.1)], [(3, 0.27)], [(3, 0.5)],
           [(3, 0.03), (1, 1.2), (0, 0.9), (2, 1.4)], [(2, 0.6), (3, 0.44), (0, 1.3), (1, 0.7)]]
ADJUST = [mmcv.adjust_brightness, mmcv.adjust_contrast, lambda img, f, backend: mmcv.adjust_color(img, alpha=f, backend=backend), mmcv.adjust_hue]


def jittered(image, changes):
    for which, factor in changes:
        image = ADJUST[which](image, factor, backend="pillow")
    return image


def crc(array):
    return "%08x" % zlib.crc32(np.ascontiguousarray(array).tobytes())


def source(size):
    return noise(size[1], size[0], 3, size[0] * 1000 + size[1])


def lines():
    yield "# Pillow %s, OpenCV %s without IPP, made by tools/golden/filters.py" % (PIL.__version__, cv2.__version__)
    yield "# from: as in image_resize.txt, 3 channels uint8. What, from (w h), to (w h), crc32"
    for (w, h), to in SIZES:
        for name, code in FILTERS.items():
            yield "pillow %s %d %d %d %d %s" % (name, w, h, *to, crc(Image.fromarray(source((w, h))).resize(to, code)))
    for (w, h), to in [((64, 48), (32, 24)), ((90, 60), (30, 20)), ((97, 61), (40, 50)), ((97, 61), (97, 13)), ((500, 333), (224, 149)),
                       ((64, 48), (128, 96)), ((17, 13), (40, 31)), ((97, 31), (13, 200)), ((31, 97), (200, 97)), ((5, 1), (7, 3))]:
        yield "cv2 area %d %d %d %d %s" % (w, h, *to, crc(cv2.resize(source((w, h)), to, interpolation=cv2.INTER_AREA)))
    for (w, h), to in [((64, 48), (51, 39)), ((64, 48), (90, 70)), ((64, 48), (32, 24)), ((160, 160), (203, 187))]:
        doubles = cv2.resize(source((w, h)).astype(np.float64), to)
        flat = cv2.resize(np.full((h, w, 3), 114.0), to)
        yield "doubles - %d %d %d %d %s" % (w, h, *to, crc(doubles.astype(np.uint8)))
        yield "flat - %d %d %d %d %s" % (w, h, *to, crc(flat.astype(np.uint8)))
    for (w, h), to in WINDOWED:
        for name, code in (("bicubic", cv2.INTER_CUBIC), ("lanczos", cv2.INTER_LANCZOS4)):
            yield "windowed %s %d %d %d %d %s" % (name, w, h, *to, crc(cv2.resize(source((w, h)), to, interpolation=code)))
            few = source((w, h)) // 85 * 32  # many sums end in halves
            yield "ties %s %d %d %d %d %s" % (name, w, h, *to, crc(cv2.resize(few, to, interpolation=code)))
    for (w, h), to in WINDOWED:
        floats = source((w, h)).astype(np.float32) * np.float32(1.37)
        for name, code in (("bicubic", cv2.INTER_CUBIC), ("lanczos", cv2.INTER_LANCZOS4), ("area", cv2.INTER_AREA)):
            yield "floats %s %d %d %d %d %s" % (name, w, h, *to, crc(cv2.resize(floats, to, interpolation=code)))
    for (w, h), to in [((64, 48), (80, 50)), ((17, 13), (70, 60)), ((5, 1), (9, 1)), ((1, 7), (4, 30))]:
        for name, code in (("edge", cv2.BORDER_REPLICATE), ("reflect", cv2.BORDER_REFLECT_101), ("symmetric", cv2.BORDER_REFLECT)):
            padded = cv2.copyMakeBorder(source((w, h)), 0, to[1] - h, 0, to[0] - w, code)
            yield "border %s %d %d %d %d %s" % (name, w, h, *to, crc(padded))
    for k, changes in enumerate(JITTERS):
        for w, h in ((320, 240), (63, 5)):
            yield "jitter %d %d %d %d %d %s" % (k, w, h, w, h, crc(jittered(source((w, h)), changes)))
    for k, matrix in enumerate(MATRICES):
        for (w, h), to in [((64, 48), (64, 48)), ((97, 61), (200, 150)), ((150, 120), (33, 9))]:
            m = np.array(matrix, np.float32).reshape(3, 3)
            yield "warp %d %d %d %d %d %s" % (k, w, h, *to, crc(cv2.warpPerspective(source((w, h)), m, to, borderValue=(114, 7, 200))))


def main():
    cv2.setNumThreads(1)
    cv2.ipp.setUseIPP(False)
    (GOLDEN / "image_filters.txt").write_text("\n".join(lines()) + "\n")


if __name__ == "__main__":
    main()
