# SPDX-License-Identifier: Apache-2.0
"""The small detectors of tools/golden_detectors.py and tools/golden_ranks.py, and their weights."""
import torch

WIDTH = 8  # channels of the levels
VIT_STRIDES = [2, 4, 8, 16]
RESNET_STRIDES = [4, 8, 16, 32, 64]
NORMS = dict(ln=dict(type='LN2d', requires_grad=True), gn=dict(type='GN', num_groups=2))


def coder(stds):
    return dict(type='DeltaXYWHBBoxCoder', target_means=[0.0] * 4, target_stds=stds)


def with_vit(kind, **parts):
    return dict(
        type=kind,
        backbone=dict(type='ViT', img_size=64, patch_size=8, embed_dim=12, depth=1, num_heads=2, mlp_ratio=2.0,
                      pretrain_img_size=32, norm_cfg=dict(type='LN', eps=1e-6), window_size=0),
        neck=dict(type='SimpleFPN', backbone_channel=12, in_channels=[3, 6, 12, 12], out_channels=WIDTH, num_outs=4,
                  norm_cfg=dict(type='LN2d')), **parts)


def with_resnet(kind, neck=None, **parts):
    return dict(
        type=kind,
        backbone=dict(type='ResNet', depth=18, base_channels=2, num_stages=4, out_indices=(0, 1, 2, 3), frozen_stages=1,
                      norm_cfg=dict(type='BN', requires_grad=True), norm_eval=True, style='pytorch'),
        neck=dict(dict(type='FPN', in_channels=[2, 4, 8, 16], out_channels=WIDTH, num_outs=5), **(neck or {})), **parts)


def rpn(strides, **changes):
    head = dict(
        type='RPNHead', in_channels=WIDTH, feat_channels=WIDTH,
        anchor_generator=dict(type='AnchorGenerator', scales=[10 / strides[0]], ratios=[0.5, 1.0, 2.0],
                              strides=strides),
        bbox_coder=coder([1.0] * 4), loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1.0),
        loss_bbox=dict(type='L1Loss', loss_weight=1.0))
    head.update(changes)
    return head


def extractor(strides, side=4, ratio=0):
    return dict(type='SingleRoIExtractor',
                roi_layer=dict(type='RoIAlign', output_size=side, sampling_ratio=ratio), out_channels=WIDTH,
                featmap_strides=strides[:-1], finest_scale=6)


def box_head(kind='Shared2FCBBoxHead', stds=(0.1, 0.1, 0.2, 0.2), **changes):
    head = dict(type=kind, in_channels=WIDTH, fc_out_channels=12, roi_feat_size=4, num_classes=3,
                bbox_coder=coder(list(stds)), reg_class_agnostic=False,
                loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0),
                loss_bbox=dict(type='L1Loss', loss_weight=1.0))
    head.update(changes)
    return head


def mask_head(**changes):
    head = dict(type='FCNMaskHead', num_convs=2, in_channels=WIDTH, conv_out_channels=WIDTH, num_classes=3,
                loss_mask=dict(type='CrossEntropyLoss', use_mask=True, loss_weight=1.0))
    head.update(changes)
    return head


def assigner(positive, negative, low=False, **changes):
    return dict(type='MaxIoUAssigner', pos_iou_thr=positive, neg_iou_thr=negative, min_pos_iou=negative,
                match_low_quality=low, ignore_iof_thr=0.4, **changes)


def sampler(num, fraction, truth):
    return dict(type='RandomSampler', num=num, pos_fraction=fraction, neg_pos_ub=-1, add_gt_as_proposals=truth)


def rcnn_train(threshold=0.5, **changes):
    return dict(assigner=assigner(threshold, threshold), sampler=sampler(24, 0.25, True), pos_weight=-1, debug=False,
                mask_size=8, **changes)


def train_cfg(rcnn, border=-1, num=40):
    return dict(
        rpn=dict(assigner=assigner(0.6, 0.3, True), sampler=sampler(num, 0.5, False), allowed_border=border,
                 pos_weight=-1, debug=False),
        rpn_proposal=dict(nms_pre=60, max_per_img=40, nms=dict(type='nms', iou_threshold=0.7), min_bbox_size=0),
        rcnn=rcnn)


TEST = dict(rpn=dict(nms_pre=50, max_per_img=30, nms=dict(type='nms', iou_threshold=0.7), min_bbox_size=0),
            rcnn=dict(score_thr=0.2, nms=dict(type='nms', iou_threshold=0.5), max_per_img=8, mask_thr_binary=0.5))


def standard(strides, box, masks=None, ratio=0, share=False):
    head = dict(type='StandardRoIHead', bbox_roi_extractor=extractor(strides, ratio=ratio), bbox_head=box)
    if masks:
        head['mask_head'] = masks
        if not share:
            head['mask_roi_extractor'] = extractor(strides, ratio=ratio)
    return head


def cascade():
    stds = [(0.1, 0.1, 0.2, 0.2), (0.05, 0.05, 0.1, 0.1), (0.033, 0.033, 0.067, 0.067)]
    smooth = dict(type='SmoothL1Loss', beta=1.0, loss_weight=1.0)
    heads = [box_head(stds=s, reg_class_agnostic=True, loss_bbox=smooth) for s in stds]
    return dict(type='CascadeRoIHead', num_stages=3, stage_loss_weights=[1, 0.5, 0.25], bbox_roi_extractor=extractor(RESNET_STRIDES),
                bbox_head=heads, mask_roi_extractor=extractor(RESNET_STRIDES), mask_head=mask_head(num_convs=1))


def retina():
    return dict(
        type='RetinaHead', num_classes=3, in_channels=WIDTH, stacked_convs=1, feat_channels=WIDTH,
        norm_cfg=NORMS['gn'],
        anchor_generator=dict(type='AnchorGenerator', octave_base_scale=2, scales_per_octave=2, ratios=[0.5, 1.0, 2.0],
                              strides=[8, 16, 32, 64, 128]), bbox_coder=coder([1.0] * 4),
        loss_cls=dict(type='FocalLoss', use_sigmoid=True, gamma=2.0, alpha=0.25, loss_weight=1.0),
        loss_bbox=dict(type='L1Loss', loss_weight=1.0))


def gfl(scale=2, **changes):
    head = dict(
        type='GFLHead', num_classes=3, in_channels=WIDTH, stacked_convs=1, feat_channels=WIDTH, norm_cfg=NORMS['gn'],
        anchor_generator=dict(type='AnchorGenerator', ratios=[1.0], octave_base_scale=scale, scales_per_octave=1,
                              strides=RESNET_STRIDES[:4]),
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=2.0, loss_weight=1.0),
        loss_dfl=dict(type='DistributionFocalLoss', loss_weight=0.25), reg_max=6,
        loss_bbox=dict(type='GIoULoss', loss_weight=2.0))
    head.update(changes)
    return head


def gfl_train(topk, **changes):
    config = dict(assigner=dict(type='ATSSAssigner', topk=topk, ignore_iof_thr=0.4), allowed_border=-1, pos_weight=-1,
                  debug=False)
    return dict(config, **changes)


RETINA_TRAIN = dict(assigner=assigner(0.5, 0.4, True), sampler=dict(type='PseudoSampler'), allowed_border=-1,
                    pos_weight=-1, debug=False)
RETINA_TEST = dict(nms_pre=60, min_bbox_size=0, score_thr=0.3, nms=dict(type='nms', iou_threshold=0.5), max_per_img=8)

CASES = {
    'faster_rcnn': (None, with_resnet(
        'FasterRCNN', rpn_head=rpn(RESNET_STRIDES), roi_head=standard(RESNET_STRIDES, box_head()),
        train_cfg=train_cfg(rcnn_train(), num=400), test_cfg=TEST)),
    'faster_rcnn_decoded': (None, with_vit(
        'FasterRCNN',
        rpn_head=rpn(VIT_STRIDES, reg_decoded_bbox=True, loss_bbox=dict(type='DIoULoss', loss_weight=2.0),
                     loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=False)),
        roi_head=standard(
            VIT_STRIDES,
            box_head('ConvFCBBoxHead', num_shared_convs=1, num_cls_fcs=1, num_reg_convs=1, conv_out_channels=WIDTH,
                     reg_decoded_bbox=True, loss_bbox=dict(type='GIoULoss', loss_weight=1.5),
                     loss_cls=dict(type='CrossEntropyLoss', class_weight=[1.0, 2.0, 0.5, 0.7])), ratio=2),
        train_cfg=train_cfg(rcnn_train(), border=40, num=1000), test_cfg=TEST)),
    'mask_rcnn_polygons': ('polygons', with_vit(
        'MaskRCNN', rpn_head=rpn(VIT_STRIDES, num_convs=2),
        roi_head=standard(VIT_STRIDES,
                          box_head('Shared4Conv1FCBBoxHead', conv_out_channels=WIDTH, norm_cfg=NORMS['ln']),
                          mask_head(norm_cfg=NORMS['ln'])),
        train_cfg=train_cfg(rcnn_train()), test_cfg=TEST)),
    'mask_rcnn_bitmaps': ('bitmaps', with_resnet(
        'MaskRCNN', rpn_head=rpn(RESNET_STRIDES, loss_bbox=dict(type='SmoothL1Loss', beta=1.0 / 9.0)),
        roi_head=standard(RESNET_STRIDES, box_head(with_avg_pool=True),
                          mask_head(class_agnostic=True, norm_cfg=NORMS['gn']), ratio=2, share=True),
        train_cfg=train_cfg(rcnn_train(), num=400), test_cfg=TEST)),
    'cascade_mask_rcnn': ('bitmaps', with_resnet(
        'CascadeRCNN', rpn_head=rpn(RESNET_STRIDES), roi_head=cascade(),
        train_cfg=train_cfg([rcnn_train(t) for t in (0.4, 0.5, 0.6)], border=40, num=1000), test_cfg=TEST)),
    'retinanet': (None, with_resnet('RetinaNet', neck=dict(start_level=1, add_extra_convs='on_input'),
                                    bbox_head=retina(), train_cfg=RETINA_TRAIN, test_cfg=RETINA_TEST)),
    'gfl': (None, with_resnet('GFL', neck=dict(num_outs=4), bbox_head=gfl(), train_cfg=gfl_train(4),
                              test_cfg=RETINA_TEST)),
    'gfl_border': (None, with_resnet(
        'GFL', neck=dict(num_outs=4),
        bbox_head=gfl(1.5, loss_bbox=dict(type='DIoULoss', loss_weight=1.5), reg_max=9, norm_cfg=None,
                      loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=1.5, loss_weight=0.7),
                      bbox_coder=dict(type='DistancePointBBoxCoder', clip_border=False)),
        train_cfg=gfl_train(9, allowed_border=20, pos_weight=1.7, sampler=dict(type='PseudoSampler')),
        test_cfg=RETINA_TEST)),
}


def randomised(model):
    """Weights far from their usual start, so that no term is nearly zero."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = any(layer in name for layer in ('.gn.', 'norm', 'bn', 'downsample.1')) and name.endswith('weight')
            norm = norm or name.endswith('.scale')
            scale = 0.3 if 'roi_head' in name or 'cls' in name else 0.15
            if any(last in name for last in ('rpn_reg', 'fc_reg', 'retina')):
                scale = 0.05
            parameter.copy_(torch.randn_like(parameter) * scale + (1.0 if norm else 0.0))
    return model
