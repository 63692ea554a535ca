max_epochs = 12
base_lr = 0.02
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=base_lr, momentum=0.9))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', begin=0, end=max_epochs, milestones=[8, 11]),
]
train_cfg = dict(max_epochs=max_epochs)
