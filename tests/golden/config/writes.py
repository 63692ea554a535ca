_base_ = ['model.py', 'schedule.py']
_base_.model.backbone.depth = 18
_base_.model['neck']['in_channels'][0] = 64
_base_.param_scheduler.append(dict(type='ConstantLR'))
_base_.param_scheduler[0].end = 1000
_base_['base_lr'] = _base_.base_lr * 2
lr = _base_.base_lr / 4
channels = _base_.model.neck.in_channels + [4096]
names = [s['type'] for s in _base_.param_scheduler]
model = dict(backbone=dict(norm_cfg=dict(momentum=0.03)))
copied = _base_.model.backbone
copied.frozen = True
del _base_.model.train_cfg
