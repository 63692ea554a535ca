# A detector for your own images, annotated in COCO files: a small ViT and FCOS, trained from scratch.
# Change the three variables, or let `pinfeed new-config` write this file with your paths and classes.
default_scope = 'mmdet'

images = dict(train='data/images/', val='data/images/')
annotations = dict(train='data/annotations/train.json', val='data/annotations/val.json')
classes = ('first class', 'second class')

# Larger images show smaller objects and take longer; the size must be a multiple of patch_size.
image_size = 320
patch_size = 16
batch_size = 4
max_epochs = 24
warmup_epochs = 2

model = dict(
    type='FCOS',
    data_preprocessor=dict(
        type='DetDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_size_divisor=patch_size),
    backbone=dict(
        type='ViT',
        img_size=image_size,
        pretrain_img_size=image_size,
        patch_size=patch_size,
        embed_dim=128,
        depth=4,
        num_heads=4,
        mlp_ratio=4,
        norm_cfg=dict(type='LN', eps=1e-6)),
    neck=dict(
        type='SimpleFPN',
        backbone_channel=128,
        in_channels=[32, 64, 128, 128],
        out_channels=32,
        num_outs=4,
        norm_cfg=dict(type='LN2d')),
    bbox_head=dict(
        type='FCOSHead',
        num_classes=len(classes),
        in_channels=32,
        feat_channels=32,
        stacked_convs=1,
        strides=[4, 8, 16, 32],
        regress_ranges=((-1, 16), (16, 32), (32, 64), (64, 100000000.0)),
        center_sampling=True,
        norm_on_bbox=True,
        centerness_on_reg=True,
        norm_cfg=dict(type='GN', num_groups=8),
        loss_cls=dict(type='FocalLoss', use_sigmoid=True, gamma=2.0, alpha=0.25, loss_weight=1.0),
        loss_bbox=dict(type='GIoULoss', loss_weight=1.0),
        loss_centerness=dict(type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1.0)),
    test_cfg=dict(
        nms_pre=500,
        min_bbox_size=0,
        score_thr=0.05,
        nms=dict(type='nms', iou_threshold=0.5),
        max_per_img=100))

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='CocoDataset',
        ann_file=annotations['train'],
        data_prefix=dict(img=images['train']),
        metainfo=dict(classes=classes),
        filter_cfg=dict(filter_empty_gt=True),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(
                type='RandomResize',
                scale=(image_size, image_size),
                ratio_range=(0.8, 1.25),
                keep_ratio=True),
            dict(type='RandomCrop', crop_size=(image_size, image_size), allow_negative_crop=True),
            dict(type='RandomFlip', prob=0.5),
            dict(type='FilterAnnotations', min_gt_bbox_wh=(2, 2), keep_empty=False),
            dict(type='Pad', size=(image_size, image_size), pad_val=dict(img=(114, 114, 114))),
            dict(type='PackDetInputs')
        ]))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=2)

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0))
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.001,
        by_epoch=True,
        begin=0,
        end=warmup_epochs,
        convert_to_iter_based=True),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-5,
        by_epoch=True,
        begin=warmup_epochs,
        end=max_epochs,
        convert_to_iter_based=True)
]
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=10),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2))
randomness = dict(seed=0)

# Validation, to the end of the file.
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='CocoDataset',
        ann_file=annotations['val'],
        data_prefix=dict(img=images['val']),
        metainfo=dict(classes=classes),
        test_mode=True,
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='Resize', scale=(image_size, image_size), keep_ratio=True),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(
                type='PackDetInputs',
                meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))
        ]))
val_evaluator = dict(type='CocoMetric', ann_file=annotations['val'], metric='bbox')
val_cfg = dict(type='ValLoop')
default_hooks['checkpoint']['save_best'] = 'coco/bbox_mAP'
