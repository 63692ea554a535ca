# SPDX-License-Identifier: Apache-2.0
"""mmdet from PyPI on a CPU, with the operators of torchvision (docs/specs/decisions.md, 13): import this module before
mmdet. `stub` of the virtual environment has stand-ins for the CUDA libraries that torchvision's wheel names."""
import ctypes
import importlib.machinery
import os
import sys
import types

import torch

for name in ('libcudart.so.13', 'libc10_cuda.so', 'libtorch_cuda.so'):
    ctypes.CDLL(os.path.join(sys.prefix, 'stub', name), mode=ctypes.RTLD_GLOBAL)
import torchvision  # noqa: E402


def unavailable(*_, **__):
    raise RuntimeError('this operator of mmcv has no stand-in')


class Ext(types.ModuleType):

    def __getattr__(self, key):
        if key.startswith('__'):
            raise AttributeError(key)
        return unavailable


sys.modules['mmcv._ext'] = Ext('mmcv._ext')
sys.modules['mmcv._ext'].__spec__ = importlib.machinery.ModuleSpec('mmcv._ext', None)

import mmcv.ops  # noqa: E402
import mmdet.models  # noqa: E402, F401
import mmdet.structures.mask.structures  # noqa: E402
from mmdet.utils import register_all_modules  # noqa: E402

register_all_modules()


def roi_align(features, rois, output_size, spatial_scale=1.0, sampling_ratio=0, pool_mode='avg', aligned=True):
    assert pool_mode == 'avg'
    return torchvision.ops.roi_align(features, rois, output_size, spatial_scale, sampling_ratio or -1, aligned)


def nms(boxes, scores, iou_threshold, offset=0, score_threshold=0, max_num=-1):
    rows = torchvision.ops.nms(boxes, scores, iou_threshold)
    return torch.cat([boxes[rows], scores[rows, None]], 1), rows


def align_layer(self, features, rois):
    return roi_align(features, rois, self.output_size, self.spatial_scale, self.sampling_ratio, self.pool_mode,
                     self.aligned)


# `mmcv.ops.nms` is the function; the module of that name has to be taken from sys.modules.
sys.modules['mmcv.ops.nms'].nms = nms
mmcv.ops.RoIAlign.forward = align_layer
mmdet.structures.mask.structures.roi_align = roi_align
