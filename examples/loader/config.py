# The data set that `pinfeed shapes DIR` writes, through a transform and a collate of the example.
data_root = 'shapes/'
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='images_only'),
    dataset=dict(
        type='CocoDataset',
        data_root=data_root,
        ann_file='annotations/train.json',
        data_prefix=dict(img='train/'),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='KeepTop', least=0.25),
            dict(type='PackDetInputs'),
        ]))
