#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/train/*.safetensors: small models with their losses and gradients, computed by
bench/train_reference with PyTorch's Python API. Usage: tools/golden_models.py (needs torch and numpy)."""
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'bench' / 'train_reference'))

import tensors  # noqa: E402
from fcos import Fcos  # noqa: E402
from mae import Mae  # noqa: E402

NORM = dict(type='LN2d')


def mae(**changes):
    arch = dict(embed_dims=24, num_layers=2, num_heads=3, feedforward_channels=40)
    backbone = dict(type='MAEViT', arch=arch, img_size=32, patch_size=8, mask_ratio=0.7)
    backbone.update(changes)
    side = backbone['img_size'] // backbone['patch_size']
    return dict(
        type='MAE', backbone=backbone,
        neck=dict(type='MAEPretrainDecoder', num_patches=side**2, patch_size=8, embed_dim=24,
                  decoder_embed_dim=16, decoder_depth=1, decoder_num_heads=2, mlp_ratio=2.0),
        head=dict(type='MAEPretrainHead', norm_pix=True, patch_size=8,
                  loss=dict(type='PixelReconstructionLoss', criterion='L2')))


def fcos(backbone, head, num_outs=4, patch=8):
    strides = [patch // 4 * 2**i for i in range(num_outs)]
    ranges = [[-1.0, 8.0]] + [[8.0 * 2**i, 16.0 * 2**i] for i in range(num_outs - 2)]
    ranges.append([ranges[-1][1], 1e8])
    vit = dict(type='ViT', img_size=64, patch_size=patch, embed_dim=24, depth=2, num_heads=3, mlp_ratio=2.0,
               pretrain_img_size=32, norm_cfg=dict(type='LN', eps=1e-6), window_size=0)
    vit.update(backbone)
    fcos_head = dict(type='FCOSHead', num_classes=3, in_channels=16, feat_channels=16, stacked_convs=2,
                     strides=strides, regress_ranges=ranges,
                     norm_cfg=dict(type='GN', num_groups=4))
    fcos_head.update(head)
    return dict(
        type='FCOS', backbone=vit,
        neck=dict(type='SimpleFPN', backbone_channel=24, in_channels=[6, 12, 24, 24], out_channels=16,
                  num_outs=num_outs, norm_cfg=NORM),
        bbox_head=fcos_head,
        test_cfg=dict(nms_pre=50, min_bbox_size=0, score_thr=0.05,
                      nms=dict(type='nms', iou_threshold=0.5), max_per_img=20))


CASES = {
    'mae': (mae(), (3, 32, 32)),
    'mae_drop_path': (mae(drop_path_rate=0.4), (4, 32, 32)),
    'fcos_plain': (fcos({}, {}), (3, 64, 64)),
    'fcos_windows': (fcos(dict(window_size=3, window_block_indexes=[0], use_rel_pos=True, qkv_bias=False),
                          dict(norm_on_bbox=True, centerness_on_reg=True, center_sampling=True,
                               loss_bbox=dict(type='GIoULoss', loss_weight=2.0)), num_outs=5), (2, 64, 96)),
}

# Every level has positive points, so that every parameter has a gradient.
BOXES = [[[3, 4, 30, 40], [20, 10, 60, 30], [40, 38, 51, 48], [0, 0, 96, 64]], [],
         [[0, 0, 64, 64], [5, 6, 17, 20]], [[1, 1, 9, 9]]]


def randomised(model):
    """Weights far from their usual start, so that no term is nearly zero: channels stay above the zero of ReLU,
    and predicted boxes overlap those of the truth."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                norm = '.gn.' in name or 'norm' in name and name.endswith('weight')
                shift = 1.0 if norm or name.endswith('scale') else 0.0
                parameter.copy_(torch.randn_like(parameter) * 0.15 + shift)
        if isinstance(model, Fcos):
            head = model.bbox_head
            head.conv_reg.weight.mul_(0.2)
            head.conv_reg.bias.add_(2.0)  # strides with norm_on_bbox, else exp(2) pixels
    return model


def require_gradients(model):
    """Fails if a gradient is zero. The position of the class token is not used by a detector, and the gradient of
    the keys' bias is zero up to rounding."""
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        grad = parameter.grad[:, 1:] if name == 'backbone.pos_embed' else parameter.grad
        if name.endswith('qkv.bias'):
            grad = torch.cat([grad[:len(grad) // 3], grad[2 * len(grad) // 3:]])
        assert (grad != 0).all(), f'{name} has zeros in its gradient'


def require_gradient_of_each_loss(model, losses):
    last = {'loss_cls': 'conv_cls', 'loss_bbox': 'conv_reg', 'loss_centerness': 'conv_centerness'}
    for key, loss in losses.items():
        bias = getattr(model.bbox_head, last[key]).bias
        grad, = torch.autograd.grad(loss, bias, retain_graph=True)
        assert (grad != 0).all(), f'{key} has no gradient'


def write_case(name, config, size):
    torch.manual_seed(2026)
    model = randomised(Mae(config) if config['type'] == 'MAE' else Fcos(config)).train()
    images = torch.randn(size[0], 3, *size[1:])
    out = {'inputs': images}
    targets = []
    for i in range(size[0]):
        boxes = torch.tensor(BOXES[i], dtype=torch.float32).view(-1, 4)
        labels = torch.arange(len(boxes)) % 3
        targets.append((boxes, labels))
        out[f'{i}.bboxes'], out[f'{i}.labels'] = targets[-1]
    torch.manual_seed(7)
    losses = model.losses(images, targets)
    if isinstance(model, Fcos):
        require_gradient_of_each_loss(model, losses)
    sum(losses.values()).backward()
    require_gradients(model)
    for key, value in losses.items():
        out[f'losses.{key}'] = value
    for key, parameter in model.named_parameters():
        out[f'weights.{key}'] = parameter
        if parameter.grad is not None:
            out[f'grads.{key}'] = parameter.grad
    tensors.write(ROOT / 'tests' / 'golden' / 'train' / f'{name}.safetensors', out, {
        'config': f'model = {config!r}\n',
        'made by': f'tools/golden_models.py, torch {torch.__version__}'
    })


if __name__ == '__main__':
    for case, (model_config, image_size) in CASES.items():
        write_case(case, model_config, image_size)
