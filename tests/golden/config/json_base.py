_base_ = ['data.json', 'below/deep.py']
loader = dict(batch_size=4, sampler=dict(seed=1))
train = _base_.data_root + 'train'
