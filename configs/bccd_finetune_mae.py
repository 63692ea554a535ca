# Blood cells (BCCD): the detector of bccd_finetune.py, its backbone pre-trained with bccd_mae.py. Set the checkpoint with
# --cfg-options model.backbone.init_cfg.checkpoint=FILE, the folder of the data with data_root=FOLDER/
_base_ = ['./bccd_finetune.py']

model = dict(
    backbone=dict(
        pretrain_img_size=224,
        init_cfg=dict(
            type='Pretrained', checkpoint='work_dirs/bccd_mae/epoch_200.safetensors')))
