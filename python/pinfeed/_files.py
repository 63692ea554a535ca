# SPDX-License-Identifier: Apache-2.0
"""Weights and COCO's evaluation."""

import os

from pinfeed import _pinfeed
from pinfeed._config import warn

_stats = ("AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR1", "AR10", "AR100", "AR_small", "AR_medium",
          "AR_large")


def load_weights(path):
    """The tensors of a checkpoint by name: of a .pth file, of which nothing is run, or of a .safetensors file.

    They are views of the mapped file: bytes are read on first access, and writing to them does not change the file.
    Names such as torchvision://resnet50 are files in the folder of the environment variable PINFEED_WEIGHTS. Raises
    Error (data) for a file that is damaged or refers to functions that can harm.
    """
    return _pinfeed.load_weights(path)


def coco_eval(gt, dt, iou_type="bbox", per_class=False):
    """The twelve numbers of COCOeval, bit by bit equal to pycocotools.

    gt: the ground truth, a COCO file or its content as a dict. dt: the detections, a results file or its list of
    dict(image_id, category_id, score, bbox and/or segmentation). iou_type: "bbox" or "segm".

    Returns a dict of AP, AP50, AP75, AP_small, AP_medium, AP_large, AR1, AR10, AR100, AR_small, AR_medium and AR_large;
    -1 where there is nothing to measure. With per_class also "per_class": the AP of each class by name.
    Raises Error (data) as `pinfeed coco-eval` does.
    """
    import tempfile
    with tempfile.TemporaryDirectory(prefix="pinfeed-") as folder:
        stats, classes, warning = _pinfeed.coco_eval(_as_file(gt, folder, "gt.json"), _as_file(dt, folder, "dt.json"),
                                                     iou_type)
    if warning:
        warn(warning, stacklevel=2)
    result = dict(zip(_stats, stats))
    if per_class:
        result["per_class"] = classes
    return result


def _as_file(content, folder, name):
    if isinstance(content, (str, bytes, os.PathLike)):
        return content
    import json
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, default=_plain)
    return path


def _plain(value):
    if isinstance(value, bytes):
        return value.decode("ascii")  # the counts of run lengths
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")
