# Fine-tunes the ViT of demo_mae.py to a detector of the synthetic shapes, with the labels of few images. To train from
# scratch with the same budget: --cfg-options model.backbone.init_cfg=None
default_scope = 'mmdet'
custom_imports = dict(imports=['projects.ViTDet.vitdet'], allow_failed_imports=True)

data_root = '{{$PINFEED_DEMO:demo}}/shapes/'
pretrained = '{{$PINFEED_DEMO:demo}}/mae/epoch_32.safetensors'
classes = ('circle', 'square', 'triangle', 'star', 'cross')
image_size = 128
patch_size = 16
labelled_images = 40
max_epochs = 60
warmup_epochs = 5

model = dict(
    type='FCOS',
    # mean and std come from the data set
    data_preprocessor=dict(type='DetDataPreprocessor', bgr_to_rgb=True, pad_size_divisor=patch_size),
    backbone=dict(
        type='ViT',
        img_size=image_size,
        pretrain_img_size=image_size,
        patch_size=patch_size,
        embed_dim=128,
        depth=4,
        num_heads=4,
        mlp_ratio=4,
        norm_cfg=dict(type='LN', eps=1e-6),
        init_cfg=dict(type='Pretrained', checkpoint=pretrained)),
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
        nms_pre=300,
        min_bbox_size=0,
        score_thr=0.05,
        nms=dict(type='nms', iou_threshold=0.5),
        max_per_img=50))

train_dataloader = dict(
    batch_size=5,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='mmdet.MAEDataset4DS',
        data_root=data_root,
        ann_file='annotations/train.json',
        indices=labelled_images,
        data_prefix=dict(img='train/'),
        metainfo=dict(classes=classes),
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(
                type='RandomResize',
                scale=(image_size, image_size),
                ratio_range=(0.8, 1.25),
                keep_ratio=True),
            dict(type='RandomCrop', crop_size=(image_size, image_size), allow_negative_crop=True),
            dict(type='RandomFlip', prob=[0.25, 0.25, 0.25], direction=['horizontal', 'vertical', 'diagonal']),
            dict(type='FilterAnnotations', min_gt_bbox_wh=(2, 2), keep_empty=False),
            dict(type='Pad', size=(image_size, image_size), pad_val=dict(img=(114, 114, 114))),
            dict(type='PackDetInputs')
        ]))
val_dataloader = dict(
    batch_size=10,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmdet.MAEDataset4DS',
        data_root=data_root,
        ann_file='annotations/val.json',
        data_prefix=dict(img='val/'),
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
test_dataloader = val_dataloader

val_evaluator = dict(type='CocoMetric', ann_file=data_root + 'annotations/val.json', metric='bbox')
test_evaluator = val_evaluator

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=20)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
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
    logger=dict(type='LoggerHook', interval=80),
    checkpoint=dict(type='CheckpointHook', interval=max_epochs, save_best='coco/bbox_mAP_50'))
randomness = dict(seed=0)
