"""Makes tests/golden/random_resized_crop.txt: mmpretrain's RandomResizedCrop and RandomFlip on synthetic pictures.

    python tools/golden/random_resized_crop.py tests/golden

Needs what openmmlab_replay.py needs, and mmpretrain==1.2.0 with torchvision==0.28.0 (both --no-deps), importlib_metadata,
rich, modelindex, einops, mat4py. A picture's byte k is the low byte of the k-th word of numpy's RandomState(3).
"""
import importlib.machinery
import os
import sys
import types
import zlib

sys.modules["mmcv._ext"] = types.ModuleType("mmcv._ext")
sys.modules["mmcv._ext"].__getattr__ = lambda name: None
sys.modules["mmcv._ext"].__spec__ = importlib.machinery.ModuleSpec("mmcv._ext", None)

from torch import library  # noqa: E402

operators = library.Library("torchvision", "DEF")  # the wheel's own operators want CUDA libraries
for operator in ("nms", "qnms"):
    operators.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import numpy as np  # noqa: E402
from mmcv.transforms import RandomFlip  # noqa: E402
from mmpretrain.datasets.transforms.formatting import PackInputs  # noqa: E402
from mmpretrain.datasets.transforms.processing import RandomResizedCrop  # noqa: E402


def picture(width, height):
    words = np.random.RandomState(3).randint(0, 2**32, size=width * height * 3, dtype=np.uint64)
    return (words & 255).astype(np.uint8).reshape(height, width, 3)


def main(folder):
    lines = ["# Made by tools/golden/random_resized_crop.py: width, height, seed, flip, CRC-32 of the uint8 CHW result"]
    steps = [RandomResizedCrop(scale=(48, 64), crop_ratio_range=(0.2, 1.0), backend="cv2", interpolation="bilinear"),
             RandomFlip(prob=0.5), PackInputs()]
    for width, height in ((640, 427), (40, 60), (400, 20), (10, 200)):
        for seed in range(6):
            np.random.seed(seed)
            results = dict(img=picture.cache[width, height].copy())
            for step in steps:
                results = step(results)
            inputs = results["inputs"]
            flip = results["data_samples"].metainfo["flip"]
            lines.append("%d %d %d %d %08x" % (width, height, seed, flip, zlib.crc32(inputs.numpy().tobytes())))
    with open(os.path.join(folder, "random_resized_crop.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    picture.cache = {size: picture(*size) for size in ((640, 427), (40, 60), (400, 20), (10, 200))}
    main(*sys.argv[1:])
