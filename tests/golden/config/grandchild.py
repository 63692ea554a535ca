_base_ = 'child.py'
model = dict(
    backbone=dict(_delete_=True, type='Swin', depths=[2, 2, 6, 2], extra=dict(_delete_=True, x=1)),
    head=dict(_delete_=True, type='Head'), neck=None)
optim_wrapper = dict(optimizer=dict(_delete_=False, lr=0.01))
param_scheduler = []
lists = [dict(_delete_=True, a=1)]
