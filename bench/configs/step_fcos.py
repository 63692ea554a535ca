# Fine-tuning steps for bench/train_step.py: windows, a global block, relative positions, FCOS, on the
# synthetic shapes (PINFEED_DEMO).
_base_ = '../../configs/demo_finetune.py'

model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        window_size=4, window_block_indexes=[0, 1, 2], use_rel_pos=True, init_cfg=None))
optim_wrapper = dict(paramwise_cfg=None)
