"""Makes tests/golden/polygon_masks.txt: what mmdet's PolygonMasks make of polygons that are cropped and resized.

Needs what openmmlab_replay.py needs, and shapely.

    python tools/golden/polygon_masks.py tests/golden

A line: what is done, the picture's size, four numbers (crop: the window x, y, w, h; resize: the size w, h, 0, 0), the
polygon as JSON without blanks, then the number of parts, the box, the area and the CRC-32 of the mask. No polygon crosses itself.
"""
import json
import os
import sys
import zlib

import openmmlab_replay  # noqa: F401  (puts a stand in place of mmcv's operators)
import numpy as np
from mmdet.structures.mask import PolygonMasks

SIZE = (60, 50)
COMB = [5, 40, 5, 10, 12, 10, 12, 30, 20, 30, 20, 10, 28, 10, 28, 30, 36, 30, 36, 10, 44, 10, 44, 40]
BY_HAND = [([16.5, 20, 30, 30, 16.5, 30, 2, 25], (0, 20, 20, 20)), ([10, 10, 20, 10, 20, 20, 10, 20], (20, 5, 20, 30)),
           ([0, 0, 10, 10, 20, 0, 30, 12, 40, 0, 40, 30, 0, 30], (0, 10, 40, 10)),
           ([10, 0, 20, 20, 30, 0, 30, 5, 20, 30, 10, 5], (0, 20, 40, 5)),
           (COMB, (0, 0, 50, 20)), (COMB, (0, 0, 50, 30)), (COMB, (12, 0, 30, 20)), (COMB, (12, 12, 8, 20)), (COMB, (0, 30, 50, 10)),
           (COMB, (0, 10, 60, 5))]


def star(random, kind):
    """Simple, often concave: corners around a centre in the order of their angles."""
    corners = random.randint(4, 15)
    angles = np.sort(random.uniform(0, 2 * np.pi, corners)) if kind else np.arange(corners) * 2 * np.pi / corners
    away = random.uniform(3, 30, corners)
    x = random.uniform(15, 45) + away * np.cos(angles)
    y = random.uniform(12, 38) + away * np.sin(angles)
    digits = (0, 0, 1, 2)[random.randint(4)]
    flat = np.clip(np.stack([x, y], 1), 0, SIZE).round(digits).reshape(-1)
    return flat.tolist() if digits else flat.astype(int).tolist()


def is_simple(polygon):
    from shapely import geometry
    return geometry.Polygon(np.array(polygon).reshape(-1, 2)).is_valid


def line(what, numbers, polygon):
    masks = PolygonMasks([[np.array(polygon)]], SIZE[1], SIZE[0])
    if what == "crop":
        x, y, w, h = numbers
        masks = masks.crop(np.array([x, y, x + w, y + h]))
    else:
        masks = masks.resize((numbers[1], numbers[0]))
    box = masks.get_bboxes("hbox").tensor[0].tolist()
    words = [what, *SIZE, *numbers, json.dumps(polygon, separators=(",", ":")), len(masks.masks[0]), *map(repr, box),
             repr(float(masks.areas[0])), "%08x" % zlib.crc32(np.ascontiguousarray(masks.to_ndarray()).tobytes())]
    return " ".join(map(str, words))


def main(folder):
    random = np.random.RandomState(11)
    with open(os.path.join(folder, "polygon_masks.txt"), "w") as file:
        for polygon, window in BY_HAND:
            file.write(line("crop", window, polygon) + "\n")
        for i in range(150):
            polygon = star(random, i % 2)
            x, y = random.randint(0, 40), random.randint(0, 30)
            window = (x, y, random.randint(5, SIZE[0] - x + 1), random.randint(5, SIZE[1] - y + 1))
            if not is_simple(polygon):
                continue
            file.write(line("crop", window, polygon) + "\n")
            if i % 5 == 0:
                file.write(line("resize", (random.randint(20, 120), random.randint(20, 120), 0, 0), polygon) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
