# SPDX-License-Identifier: Apache-2.0
"""OpenMMLab's data structures, made from the fields of a batch."""

import numpy
import torch
from mmengine.structures import InstanceData

from pinfeed._error import config_error
from pinfeed._nest import DataContainer
from pinfeed._pinfeed import Element, Masks, Tensor

__all__ = ["batch_of", "plain_boxes"]


def plain_boxes(config):
    """Whether a LoadAnnotations of the config has box_type=None: boxes are then tensors instead of HorizontalBoxes."""
    if isinstance(config, dict):
        kind = str(getattr(config.get("type"), "__name__", config.get("type")))
        if kind.rpartition(".")[2] == "LoadAnnotations" and config.get("box_type", "hbox") is None:
            return True
        return any(plain_boxes(value) for value in config.values())
    return isinstance(config, (list, tuple)) and any(plain_boxes(item) for item in config)


def _owned(tensor):
    # Small tensors are copied: who keeps a data sample must not keep the images of its batch.
    return torch.from_dlpack(tensor).clone()


def _masks(masks):
    from mmdet.structures.mask import BitmapMasks, PolygonMasks
    if masks.is_polygons:
        outlines = [[numpy.array(part) for part in parts] for parts in masks.polygons]
        return PolygonMasks(outlines, masks.height, masks.width)
    return BitmapMasks(numpy.asarray(masks.to_tensor()), masks.height, masks.width)


def _metadata(value):
    if isinstance(value, Tensor):
        return numpy.array(value)
    if isinstance(value, dict):
        return {key: _metadata(item) for key, item in value.items()}
    return value


def _metainfo(element):
    found = {key: _metadata(value) for key, value in element["metainfo"].items()}
    if "img_norm_cfg" in found:
        for key in ("mean", "std"):
            found["img_norm_cfg"][key] = numpy.array(found["img_norm_cfg"][key], numpy.float32)
    return found


def _instances(element, plain):
    instances = InstanceData()
    for key, value in element.items():
        if isinstance(value, Masks):
            instances[key] = _masks(value)
        elif key == "bboxes" and not plain:
            from mmdet.structures.bbox import HorizontalBoxes
            instances[key] = HorizontalBoxes(_owned(value), clone=False)
        else:
            instances[key] = _owned(value)
    return instances


def _detection_sample(element, plain):
    from mmdet.structures import DetDataSample
    sample = DetDataSample()
    for key, value in element.items():
        if key != "metainfo":
            setattr(sample, key, _instances(value, plain))
    sample.set_metainfo(_metainfo(element))
    return sample


def _image_sample(element, _):
    from mmpretrain.structures import DataSample
    sample = DataSample()
    if "gt_label" in element:
        sample.set_gt_label(_owned(element["gt_label"]))
    sample.set_metainfo(_metainfo(element))
    return sample


_makers = {"DetDataSample": _detection_sample, "DataSample": _image_sample}


def batch_of(nest, plain=False):
    """The batch as OpenMMLab's models take it: torch tensors, DetDataSample of mmdet, DataSample of mmpretrain.

    Images are views of the batch's memory; data samples own theirs. plain: boxes are tensors, see plain_boxes().
    """
    if isinstance(nest, Tensor):
        return torch.from_dlpack(nest)
    if isinstance(nest, Element):
        if nest.type not in _makers:
            raise config_error(f"there is no class of OpenMMLab for '{nest.type}'")
        return _makers[nest.type](nest, plain)
    if isinstance(nest, dict):
        return {key: batch_of(value, plain) for key, value in nest.items()}
    if isinstance(nest, list):
        return [batch_of(item, plain) for item in nest]
    if isinstance(nest, tuple):
        items = [batch_of(item, plain) for item in nest]
        return type(nest)(*items) if hasattr(nest, "_fields") else tuple(items)
    if isinstance(nest, DataContainer):
        return DataContainer(batch_of(nest.data, plain), nest.stack, nest.padding_value, nest.cpu_only, nest.pad_dims)
    return nest
