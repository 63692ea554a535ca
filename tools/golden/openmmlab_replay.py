"""Makes tests/golden/replay_*.json: what OpenMMLab's own loader gives, batch by batch.

Needs torch==2.13.0, mmengine==0.10.7, mmcv-lite==2.1.0, mmdet==3.3.0, "opencv-python-headless<5" (uninstall the
opencv-python that mmcv-lite brings) and pycocotools.

    python tools/golden/openmmlab_replay.py DATA tests/golden

DATA is the folder that holds coco128/. Each golden holds the config as text (with @DATA@ for the folder) and, for each
setting of the workers, the batches of two epochs: ids, boxes, shapes, flips, scale factors, and the CRC-32 of each
picture's uint8 CHW bytes.
"""
import importlib.machinery
import json
import os
import random
import sys
import types
import zlib


class Stand(types.ModuleType):
    """mmcv-lite has no compiled operators; importing mmdet asks for them, running the data path does not."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


sys.modules["mmcv._ext"] = Stand("mmcv._ext")
sys.modules["mmcv._ext"].__spec__ = importlib.machinery.ModuleSpec("mmcv._ext", None)

import cv2  # noqa: E402
import mmdet.datasets  # noqa: E402,F401
import numpy as np  # noqa: E402
import torch  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402
from mmengine.runner import Runner  # noqa: E402

SEED = 5
PIPELINES = {
    "standard": """
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', scale=(667, 400), keep_ratio=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
""",
    "crops": """
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='RandomFlip', prob=[0.3, 0.2, 0.2], direction=['horizontal', 'vertical', 'diagonal']),
    dict(type='RandomResize', scale=(320, 320), ratio_range=(0.1, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=(120, 320), crop_type='absolute_range'),
    dict(type='FilterAnnotations', min_gt_bbox_wh=(8, 8)),
    dict(type='Pad', size_divisor=32, pad_val=dict(img=(104, 117, 124))),
    dict(type='PackDetInputs'),
""",
}
CONFIG = """default_scope = 'mmdet'
randomness = dict(seed=%d)
pinfeed = dict(replay='openmmlab')
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='CocoDataset',
        data_root='@DATA@/coco128',
        ann_file='annotations/instances_train2017.json',
        data_prefix=dict(img='train2017/'),
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        indices=26,
        pipeline=[%s]))
"""
SETTINGS = [dict(num_workers=0), dict(num_workers=2, persistent_workers=False), dict(num_workers=2, persistent_workers=True),
            dict(num_workers=3, persistent_workers=True)]


def sample(inputs, element):
    meta, own, ignored = element.metainfo, element.gt_instances, element.ignored_instances
    return dict(img_id=meta["img_id"], shape=list(inputs.shape), crc32=zlib.crc32(inputs.numpy().tobytes()),
                bboxes=own.bboxes.tensor.tolist(), labels=own.labels.tolist(), ignored_bboxes=ignored.bboxes.tensor.tolist(),
                ori_shape=list(meta["ori_shape"]), img_shape=list(meta["img_shape"]), scale_factor=list(meta["scale_factor"]),
                flip=meta["flip"], flip_direction=meta["flip_direction"])


def batches(text, setting, data):
    config = Config.fromstring(text.replace("@DATA@", data), ".py")
    loader_config = config.train_dataloader
    loader_config.update(setting)
    loader = Runner.build_dataloader(loader_config, seed=SEED)
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    out = []
    for epoch in range(2):
        loader.sampler.set_epoch(epoch)
        for number, batch in enumerate(loader):
            samples = [sample(i, e) for i, e in zip(batch["inputs"], batch["data_samples"])]
            out.append(dict(epoch=epoch, batch=number, samples=samples))
    return out


def main(data, folder):
    cv2.setNumThreads(0)
    init_default_scope("mmdet")
    for name, steps in PIPELINES.items():
        text = CONFIG % (SEED, steps)
        runs = [dict(setting=setting, batches=batches(text, setting, os.path.abspath(data))) for setting in SETTINGS]
        golden = dict(made_by="tools/golden/openmmlab_replay.py", versions=dict(
            torch=torch.__version__, numpy=np.__version__, opencv=cv2.__version__, mmdet="3.3.0"), seed=SEED, config=text, runs=runs)
        with open(os.path.join(folder, "replay_%s.json" % name), "w") as file:
            json.dump(golden, file, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
