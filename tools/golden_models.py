#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/train/*.safetensors: small models with random weights, their losses and gradients, computed by
mmpretrain and mmdet. Usage: tools/golden_models.py VITDET [CASE...]. VITDET is a folder with mmdet's
projects/ViTDet/vitdet in it. Needs torch, mmengine, mmcv-lite, mmdet and mmpretrain (docs/specs/decisions.md, 13)."""
import copy
import importlib.machinery
import pathlib
import sys
import types

import torch
from torch import library as operator_library

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'bench' / 'train_reference'))


class _NoOperators(types.ModuleType):
    """Takes the place of mmcv's compiled operators. These models call only nms."""

    @staticmethod
    def nms(boxes, scores, iou_threshold, offset):
        assert offset == 0
        order, kept = scores.argsort(descending=True).tolist(), []
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        for i in order:
            others = boxes[kept]
            sides = (torch.minimum(boxes[i, 2:], others[:, 2:]) - torch.maximum(boxes[i, :2], others[:, :2])).clamp(0)
            overlap = sides.prod(1)
            if not (overlap > iou_threshold * (areas[i] + areas[kept] - overlap)).any():
                kept.append(i)
        return torch.tensor(kept, dtype=torch.long)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return None


sys.modules['mmcv._ext'] = _NoOperators('mmcv._ext')
sys.modules['mmcv._ext'].__spec__ = importlib.machinery.ModuleSpec('mmcv._ext', None)
operators = operator_library.Library('torchvision', 'DEF')  # torchvision's binary needs CUDA
for operator in ('nms', 'qnms'):
    operators.define(operator + '(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')
sys.path.insert(0, sys.argv[1])

import mmdet  # noqa: E402
import mmdet.models  # noqa: E402, F401
import mmpretrain  # noqa: E402
import mmpretrain.models  # noqa: E402, F401
import projects.ViTDet.vitdet  # noqa: E402, F401
import tensors  # noqa: E402
from mmdet.registry import MODELS as DETECTORS  # noqa: E402
from mmdet.structures import DetDataSample  # noqa: E402
from mmengine.config import ConfigDict  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402
from mmengine.structures import InstanceData  # noqa: E402
from mmpretrain.registry import MODELS as PRETRAINERS  # noqa: E402


def mae(criterion='L2', norm_pix=True, **changes):
    arch = dict(embed_dims=24, num_layers=2, num_heads=3, feedforward_channels=40)
    backbone = dict(type='MAEViT', arch=arch, img_size=32, patch_size=8, mask_ratio=0.7)
    backbone.update(changes)
    side = backbone['img_size'] // backbone['patch_size']
    return dict(
        type='MAE', backbone=backbone,
        neck=dict(type='MAEPretrainDecoder', num_patches=side**2, patch_size=8, embed_dim=24,
                  decoder_embed_dim=16, decoder_depth=1, decoder_num_heads=2, mlp_ratio=2.0),
        head=dict(type='MAEPretrainHead', norm_pix=norm_pix, patch_size=8,
                  loss=dict(type='PixelReconstructionLoss', criterion=criterion)))


def fcos_head(strides, **changes):
    first = float(max(8, strides[0]))
    ranges = [[-1.0, first]] + [[first * 2**i, first * 2**(i + 1)] for i in range(len(strides) - 2)]
    head = dict(type='FCOSHead', num_classes=3, in_channels=8, feat_channels=8, stacked_convs=1,
                strides=strides, regress_ranges=ranges + [[ranges[-1][1], 1e8]],
                norm_cfg=dict(type='GN', num_groups=2))
    return dict(head, **changes)


def fcos(backbone, neck, strides, **head):
    return dict(type='FCOS', backbone=backbone, neck=neck, bbox_head=fcos_head(strides, **head),
                test_cfg=dict(nms_pre=50, min_bbox_size=0, score_thr=0.05,
                              nms=dict(type='nms', iou_threshold=0.5), max_per_img=20))


def vit_fcos(backbone, num_outs, **head):
    vit = dict(type='ViT', img_size=64, patch_size=8, embed_dim=16, depth=2, num_heads=2, mlp_ratio=2.0,
               pretrain_img_size=32, norm_cfg=dict(type='LN', eps=1e-6), window_size=0)
    neck = dict(type='SimpleFPN', backbone_channel=16, in_channels=[4, 8, 16, 16], out_channels=8,
                num_outs=num_outs, norm_cfg=dict(type='LN2d', eps=1e-6))
    return fcos(dict(vit, **backbone), neck, [2 * 2**i for i in range(num_outs)], **head)


def resnet_fcos(backbone, neck, strides, channels, **head):
    resnet = dict(type='ResNet', base_channels=2)
    fpn = dict(type='FPN', in_channels=channels, out_channels=8)
    return fcos(dict(resnet, **backbone), dict(fpn, **neck), strides, **head)


FROZEN = dict(type='BN', requires_grad=False)
CASES = {
    'mae': (mae(), (3, 32, 32)),
    'mae_drop_path': (mae('L1', norm_pix=False, drop_path_rate=0.4), (4, 32, 32)),
    'fcos_plain': (vit_fcos({}, 4), (3, 64, 64)),
    'fcos_windows': (vit_fcos(dict(window_size=3, window_block_indexes=[0], use_rel_pos=True, qkv_bias=False,
                                   drop_path_rate=0.3),
                              5, norm_on_bbox=True, centerness_on_reg=True, center_sampling=True,
                              loss_bbox=dict(type='GIoULoss', loss_weight=2.0)), (2, 64, 96)),
    # As mmdet's FCOS configs.
    'fcos_r50_caffe': (resnet_fcos(dict(depth=50, frozen_stages=1, norm_cfg=FROZEN, style='caffe'),
                                   dict(num_outs=5, start_level=1, add_extra_convs='on_output',
                                        relu_before_extra_convs=True),
                                   [8, 16, 32, 64, 128], [8, 16, 32, 64]), (2, 128, 192)),
    'fcos_r18': (resnet_fcos(dict(depth=18, frozen_stages=-1, norm_eval=False),
                             dict(num_outs=6, add_extra_convs='on_input', norm_cfg=dict(type='BN'),
                                  upsample_cfg=dict(mode='bilinear')),
                             [4, 8, 16, 32, 64, 128], [2, 4, 8, 16]), (3, 128, 128)),
    'fcos_r34_dilated': (resnet_fcos(dict(depth=34, num_stages=3, strides=(1, 2, 1), dilations=(1, 1, 2),
                                          out_indices=(0, 1, 2), frozen_stages=0,
                                          norm_cfg=dict(type='GN', num_groups=2)),
                                     dict(num_outs=4, start_level=1, add_extra_convs='on_lateral',
                                          norm_cfg=dict(type='GN', num_groups=2), no_norm_on_lateral=True),
                                     [8, 8, 16, 32], [2, 4, 8]), (2, 128, 128)),
}

FOLLOWED = {'mae', 'fcos_windows', 'fcos_r18'}  # of which detections and the losses of 50 steps are stored

# Every level has positive points, so that every parameter has a gradient.
BOXES = [[[3, 4, 30, 40], [20, 10, 60, 30], [40, 38, 51, 48], [0, 0, 96, 64], [3.5, 3.5, 6.5, 6.5],
          [12, 12, 36, 36]], [],
         [[0, 0, 64, 64], [5, 6, 17, 20]], [[1, 1, 9, 9]]]
ROUNDED_TO_ZERO = 1e-6  # of the largest gradient of the model


def randomised(model):
    """Weights far from their usual start, so that no term is nearly zero: channels stay above the zero of ReLU,
    and predicted boxes overlap those of the truth."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith('pos_embed') and not parameter.requires_grad:
                continue
            norm = parameter.dim() == 1 and name.endswith('weight')
            spread = 0.15 if parameter.dim() < 4 else max(0.15, (2 / parameter[0].numel())**0.5)
            parameter.copy_(torch.randn_like(parameter) * spread + (1.0 if norm or name.endswith('scale') else 0.0))
        for name, buffer in model.named_buffers():
            if name.endswith('running_mean'):
                buffer.copy_(torch.randn_like(buffer) * 0.1)
            if name.endswith('running_var'):
                buffer.copy_(torch.rand_like(buffer) + 0.5)
        if hasattr(model, 'bbox_head'):
            head = model.bbox_head
            head.conv_reg.weight.mul_(0.2)
            head.conv_reg.bias.add_(2.0)  # strides with norm_on_bbox, else exp(2) pixels
    return model


def require_gradients(model):
    """Fails if all of a gradient is zero. The gradient of the keys' bias is zero up to rounding."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad.abs().max() > 0, f'{name} has no gradient'


def built(config):
    registry = PRETRAINERS if config['type'] == 'MAE' else DETECTORS
    init_default_scope(registry.scope)
    model = registry.build(ConfigDict(config))
    if config['type'] == 'MAE':
        model.init_weights()
    return randomised(model).train()


def data_samples(out, size):
    samples = []
    for i in range(size[0]):
        boxes = torch.tensor(BOXES[i], dtype=torch.float32).view(-1, 4)
        boxes = boxes * (size[1] / 64)
        labels = torch.arange(len(boxes)) % 3
        sample = DetDataSample(metainfo=dict(img_shape=size[1:], scale_factor=(1.25, 0.8)))
        sample.gt_instances = InstanceData(bboxes=boxes, labels=labels)
        samples.append(sample)
        out[f'{i}.bboxes'], out[f'{i}.labels'] = boxes, labels
    return samples


def losses_of_steps(model, images, samples, steps=50):
    """The loss of each step of AdamW on one batch, from the weights of the case."""
    params = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=2e-4, weight_decay=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = sum(model.loss(images, samples).values())
        losses.append(loss.detach())
        loss.backward()
        optimizer.step()
    return torch.stack(losses)


def store_detections(model, images, samples, out):
    model.eval()
    with torch.no_grad():
        for i, sample in enumerate(model.predict(images, samples, rescale=True)):
            found = sample.pred_instances
            assert len(found) > 0
            out[f'{i}.found.bboxes'], out[f'{i}.found.scores'] = found.bboxes, found.scores
            out[f'{i}.found.labels'] = found.labels
    model.train()


def write_case(name, config, size):
    torch.manual_seed(2026)
    model = built(copy.deepcopy(config))  # mmdet writes into it
    pixels = torch.randint(0, 256, (size[0], 3, *size[1:]), dtype=torch.uint8)
    images = pixels.float() / 64 - 2
    out = {'pixels': pixels}
    samples = data_samples(out, size)
    for key, buffer in model.named_buffers():
        out[f'weights.{key}'] = buffer.clone()
    state = copy.deepcopy(model.state_dict())
    torch.manual_seed(7)
    losses = model.loss(images, samples)
    sum(losses.values()).backward()
    require_gradients(model)
    for key, value in losses.items():
        out[f'losses.{key}'] = value
    for key, parameter in model.named_parameters():
        out[f'weights.{key}'] = parameter.detach().clone()
        if parameter.grad is not None:
            out[f'grads.{key}'] = parameter.grad.clone()
    for key in [key for key in out if key.startswith('weights.data_preprocessor.')]:
        del out[key]
    model.load_state_dict(state)  # a forward pass changes the statistics of BN
    if name in FOLLOWED:
        if config['type'] != 'MAE':
            store_detections(model, images, samples, out)
        torch.manual_seed(7)
        out['steps'] = losses_of_steps(model, images, samples)
    print(name, {key: round(float(value), 4) for key, value in losses.items()})
    tensors.write(ROOT / 'tests' / 'golden' / 'train' / f'{name}.safetensors', out, {
        'config': f'model = {config!r}\n',
        'made by': f'tools/golden_models.py, torch {torch.__version__}, mmdet {mmdet.__version__}, '
                   f'mmpretrain {mmpretrain.__version__}'
    })


if __name__ == '__main__':
    for case in sys.argv[2:] or CASES:
        model_config, image_size = CASES[case]
        write_case(case, model_config, image_size)
