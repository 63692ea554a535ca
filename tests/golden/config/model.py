norm = dict(type='BN', momentum=0.1)
model = dict(
    type='Detector',
    backbone=dict(type='ResNet', depth=50, norm_cfg=norm, out_indices=(0, 1, 2, 3)),
    neck=dict(type='FPN', in_channels=[256, 512, 1024, 2048]),
    train_cfg=None)
