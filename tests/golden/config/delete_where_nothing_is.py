_base_ = 'child.py'
optimizer_config = dict(_delete_=True, grad_clip=dict(max_norm=35, norm_type=2))
model = dict(backbone=dict(_delete_=True, type='Swin', extra=dict(_delete_=False, x=1)), new=dict(_delete_=True))
lists = [dict(_delete_=True, a=1), (dict(_delete_=False),)]
