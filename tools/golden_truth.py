# SPDX-License-Identifier: Apache-2.0
"""The images of tools/golden_detectors.py: their sizes, boxes and masks, for mmdet and for the file of the golden."""
import numpy as np
import torch

import upstream  # noqa: F401
from mmdet.structures import DetDataSample
from mmdet.structures.mask import BitmapMasks, PolygonMasks
from mmengine.structures import InstanceData
from pycocotools import mask as coco_mask

SIZE = (64, 96)  # of the padded input
IMAGES = [  # img_shape, ori_shape, scale_factor (w, h), boxes, ignored boxes
    ((60, 90), (120, 180), (0.5, 0.5), [[3, 4, 30, 40], [20.5, 10, 60, 30.25], [40, 38, 51, 48]], []),
    ((64, 96), (32, 96), (1.0, 2.0), [], []),
    ((48, 96), (48, 48), (2.0, 1.0), [[0, 0, 44, 40], [5, 6, 17, 20]], [[50, 0, 90, 40]]),
]


def polygons_in(box):
    """Two parts: a triangle, and a quadrangle of integers."""
    x1, y1, x2, y2 = box
    middle = (x1 + x2) / 2
    whole = [float(round(v)) for v in (x1, y1, middle - 1, y1 + 1, middle - 1, y2, x1 + 1, y2 - 1)]
    return [np.array([middle + 0.3, y1 + 0.2, x2 - 0.1, (y1 + y2) / 2, middle + 0.4, y2 - 0.2]), np.array(whole)]


def masks_of(kind, boxes, height, width):
    parts = [polygons_in(box) for box in boxes]
    if kind == 'polygons':
        return PolygonMasks(parts, height, width)
    pixels = [coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(p, height, width))) for p in parts]
    return BitmapMasks(pixels if boxes else np.zeros((0, height, width), np.uint8), height, width)


def sample_of(image, mask_kind):
    shape, stored, scale, boxes, ignored = image
    rows = lambda b: torch.tensor(b, dtype=torch.float32).view(-1, 4)
    truth = InstanceData(bboxes=rows(boxes), labels=torch.arange(len(boxes)) % 3)
    if mask_kind:
        truth.masks = masks_of(mask_kind, boxes, *SIZE)
    sample = DetDataSample(gt_instances=truth, ignored_instances=InstanceData(bboxes=rows(ignored)))
    divisor = 16
    padded = tuple(-(-side // divisor) * divisor for side in shape)
    sample.set_metainfo(dict(img_shape=shape, ori_shape=stored, scale_factor=scale, pad_shape=padded,
                             batch_input_shape=SIZE))
    return sample


def store_sample(out, i, image, mask_kind):
    shape, stored, scale, boxes, ignored = image
    rows = lambda b: torch.tensor(b, dtype=torch.float32).view(-1, 4)
    out[f'{i}.bboxes'], out[f'{i}.ignored'] = rows(boxes), rows(ignored)
    out[f'{i}.labels'] = torch.arange(len(boxes)) % 3
    out[f'{i}.shapes'] = torch.tensor([*shape, *stored, *(-(-side // 16) * 16 for side in shape)])
    out[f'{i}.scale'] = torch.tensor(scale, dtype=torch.float64)
    for k, box in enumerate(boxes if mask_kind else []):
        for p, part in enumerate(polygons_in(box)):
            out[f'{i}.masks.{k}.{p}'] = torch.from_numpy(part)
