_base_ = 'model.py'
model = dict(train_cfg=dict(a=1))
