_base_ = ['model.py', 'schedule.py']
epochs = {{_base_.max_epochs}}
pair = [{{ _base_.base_lr }}, ({{_base_.model.backbone.depth}}, dict(x={{ _base_.model.neck }}))]
model = dict(backbone={{_base_.norm}}, type='{{ fileBasenameNoExtension }}')
