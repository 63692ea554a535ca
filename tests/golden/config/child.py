_base_ = ['model.py', './schedule.py']
max_epochs = 24
model = dict(backbone=dict(depth=101, init_cfg=dict(type='Pretrained')), neck=dict(in_channels=[1]))
train_cfg = dict(val_interval=2)
