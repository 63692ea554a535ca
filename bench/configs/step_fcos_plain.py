# The same without windows and relative positions: what demo_finetune.py trains.
_base_ = './step_fcos.py'

model = dict(backbone=dict(window_size=0, use_rel_pos=False))
