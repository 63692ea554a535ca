# Mask R-CNN with the ViT of demo_mae.py on the synthetic shapes. It starts from the MAE checkpoint of ./run demo; to
# train from scratch: --cfg-options model.backbone.init_cfg=None
_base_ = ['shapes_mask_rcnn_r18.py']
custom_imports = dict(imports=['projects.ViTDet.vitdet'], allow_failed_imports=True)

pretrained = '{{$PINFEED_DEMO:demo}}/mae/epoch_32.safetensors'
image_size = 128
patch_size = 16

strides = [4, 8, 16, 32]
model = dict(
    data_preprocessor=dict(pad_size_divisor=patch_size),
    backbone=dict(
        _delete_=True,
        type='ViT',
        img_size=image_size,
        pretrain_img_size=image_size,
        patch_size=patch_size,
        embed_dim=128,
        depth=4,
        num_heads=4,
        mlp_ratio=4,
        norm_cfg=dict(type='LN', eps=1e-6),
        init_cfg=dict(type='Pretrained', checkpoint=pretrained)),
    neck=dict(
        _delete_=True,
        type='SimpleFPN',
        backbone_channel=128,
        in_channels=[32, 64, 128, 128],
        out_channels=32,
        num_outs=4,
        norm_cfg=dict(type='LN2d')),
    rpn_head=dict(anchor_generator=dict(strides=strides)))
