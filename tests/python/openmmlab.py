# SPDX-License-Identifier: Apache-2.0
"""What the tests with OpenMMLab's packages share: their import on a CPU, configs, and runs that record each batch.

Tests call needed() first: it skips where a package or the data are missing.
"""
import copy
import os
import pathlib
import sys
import warnings

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("PINFEED_DATA") or ROOT.parent / "shared" / "data")
SEED = 7


def needed():
    """Imports torch, mmengine, mmdet and mmpretrain, or skips the test or module."""
    fork = os.path.join(sys.prefix, "onedl")
    if os.environ.get("PINFEED_TEST_FORK") and os.path.isdir(fork):
        sys.path.insert(0, fork)
    # mmengine 0.10.7 calls torch.load() without weights_only; its checkpoints have objects.
    os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    pytest.importorskip("torch", reason="no torch")
    pytest.importorskip("mmengine", reason="no mmengine")
    pytest.importorskip("mmdet", reason="no mmdet")
    if "upstream" not in sys.modules:
        sys.path.insert(0, str(ROOT / "tools"))
        try:
            import upstream  # noqa: F401
        except (ImportError, OSError) as error:
            pytest.skip(f"mmdet cannot be imported: {error}", allow_module_level=True)
    if not DATA.is_dir():
        pytest.skip("no real data; PINFEED_DATA names their folder", allow_module_level=True)
    import cv2
    import torch
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


COCO = dict(type="CocoDataset", data_root=str(DATA / "coco128"), ann_file="annotations/instances_train2017.json",
            data_prefix=dict(img="train2017/"), filter_cfg=dict(filter_empty_gt=True, min_size=32))
LOAD = [dict(type="LoadImageFromFile"), dict(type="LoadAnnotations", with_bbox=True)]
LOAD_MASKS = [dict(type="LoadImageFromFile"), dict(type="LoadAnnotations", with_bbox=True, with_mask=True)]
FLIP, PACK = dict(type="RandomFlip", prob=0.5), dict(type="PackDetInputs")
PREPROCESSOR = dict(type="mmdet.DetDataPreprocessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375],
                    bgr_to_rgb=True, pad_size_divisor=32)

# The pipelines of configs/_base_/datasets/coco_detection.py, of ViTDet's lsj-100e_coco-instance.py, and of
# mmpretrain's imagenet_bs512_mae.py.
FASTER_RCNN = LOAD + [dict(type="Resize", scale=(1333, 800), keep_ratio=True), FLIP, PACK]
LSJ = LOAD_MASKS + [
    FLIP, dict(type="RandomResize", scale=(1024, 1024), ratio_range=(0.1, 2.0), keep_ratio=True),
    dict(type="RandomCrop", crop_type="absolute_range", crop_size=(1024, 1024), recompute_bbox=True,
         allow_negative_crop=True),
    dict(type="FilterAnnotations", min_gt_bbox_wh=(1e-2, 1e-2)),
    dict(type="Pad", size=(1024, 1024), pad_val=dict(img=(114, 114, 114))), PACK]
MAE = [dict(type="LoadImageFromFile"),
       dict(type="RandomResizedCrop", scale=224, crop_ratio_range=(0.2, 1.0), backend="pillow",
            interpolation="bicubic"),
       dict(type="RandomFlip", prob=0.5), dict(type="PackInputs")]
SMALL = LOAD + [dict(type="Resize", scale=(160, 128), keep_ratio=True), FLIP, PACK]
POLYGONS = [dict(type="LoadImageFromFile"),
            dict(type="LoadAnnotations", with_bbox=True, with_mask=True, poly2mask=False),
            dict(type="Resize", scale=(160, 128), keep_ratio=True), FLIP, PACK]


def loader(pipeline, batch_size=4, workers=2, sampler="DefaultSampler", persistent=True, images=22, **more):
    """The dictionary of a data loader over pictures of coco128."""
    made = dict(batch_size=batch_size, num_workers=workers, persistent_workers=persistent and workers > 0,
                sampler=dict(type=sampler, shuffle=True), dataset=dict(COCO, indices=images, pipeline=pipeline))
    made.update(more)
    return made


def mae_loader(**more):
    """The dictionary of a data loader for MAE's pre-training, over the pictures of coco128."""
    return dict(loader(MAE), collate_fn=dict(type="default_collate"),
                dataset=dict(type="CustomDataset", data_root=str(DATA / "coco128" / "train2017"), with_label=False,
                             pipeline=MAE), **more)


def config(work_dir, train_dataloader, train_cfg, model=None, scope="mmdet", **more):
    """The config of a training that records batches, or trains `model`."""
    made = dict(
        default_scope=scope, work_dir=str(work_dir), randomness=dict(seed=SEED), log_level="WARNING",
        pinfeed=dict(replay="openmmlab"), train_dataloader=train_dataloader, train_cfg=train_cfg,
        model=model or dict(type="RecordingModel", data_preprocessor=PREPROCESSOR),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=0.01, momentum=0.9)),
        experiment_name=f"test_{next(_numbers)}",
        default_hooks=dict(logger=dict(type="LoggerHook", interval=1000), checkpoint=None))
    made.update(more)
    return made


def _count():
    number = 0
    while True:
        yield number
        number += 1


_numbers = _count()


def runner(settings):
    """mmengine's Runner of a config."""
    from mmengine.config import Config
    from mmengine.runner import Runner
    return Runner.from_cfg(Config(copy.deepcopy(settings)))


def with_pinfeed(dataloader):
    """The dictionary that lets pinfeed make the batches."""
    return dict(type="PinfeedDataLoader", **dataloader)


def recorded(settings):
    """Trains, and gives what RecordingModel saw: the batches, before and after the data preprocessor."""
    return run(settings).model.seen


def run(settings):
    """Trains, and gives the runner."""
    made = runner(settings)
    made.train()
    return made
