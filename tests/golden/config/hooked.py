_base_ = 'model.py'
neck = dict(type='New', items=[dict(a=1)])
_base_.model.neck = neck
neck['late'] = True
neck['items'].append(2)
_base_.model.update(dict(backbone=dict(depth=34)), added=dict(b=1))
_base_.model.backbone.update(norm_cfg=dict(eps=1e-3))
again = _base_.model.neck
again.more = 1
