# Pre-training steps for bench/train_step.py: a small ViT on the synthetic shapes (PINFEED_DEMO).
_base_ = '../../configs/demo_mae.py'

optim_wrapper = dict(paramwise_cfg=None)

train_dataloader = dict(batch_size=10)
