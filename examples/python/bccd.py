# SPDX-License-Identifier: Apache-2.0
# The data of the example: BCCD, pictures of blood cells, as batches for torchvision's detectors.
data_root = '../shared/data/bccd/'
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='CocoDataset',
        data_root=data_root,
        ann_file='annotations/train.json',
        data_prefix=dict(img='JPEGImages/'),
        metainfo=dict(classes=('RBC', 'WBC', 'Platelets')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackDetInputs'),
        ]))
pinfeed = dict(follow=['data_root'])
