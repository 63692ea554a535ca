# Every part except LoadImageFromFile and PackInputs comes from the plugin.
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='BackwardSampler'),
    collate_fn=dict(type='images_only'),
    dataset=dict(
        type='ListedImages',
        list='images.txt',
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='CutMiddle', side=48),
            dict(type='PackInputs'),
        ]))
