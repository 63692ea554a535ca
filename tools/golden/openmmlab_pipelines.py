"""Makes tests/golden/replay_pipelines.json: what OpenMMLab's own loader gives for the pipelines of common detectors.

Needs what openmmlab_replay.py needs, and mmpretrain==1.2.0.

    python tools/golden/openmmlab_pipelines.py DATA tests/golden

DATA is the folder that holds coco128/. For each pipeline, seed and setting of the workers the golden holds a line for
each sample of two epochs: epoch, batch, image id, shape, flip, scale factor, then the CRC-32 of the boxes (float32), of the
labels (int64), of the ignored boxes, of the masks (uint8) and of the pixels (CHW). Where pixels may differ in the last
digits (specs: photometric float steps, HSV) the line ends in values of single pixels instead.
"""
import json
import os
import random
import sys
import zlib

import openmmlab_replay

sys.modules["torchvision._meta_registrations"] = openmmlab_replay.Stand("meta")  # any torchvision will do

import cv2  # noqa: E402
import mmpretrain.datasets  # noqa: E402,F401
import numpy as np  # noqa: E402
import PIL  # noqa: E402
import torch  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402
from mmengine.runner import Runner  # noqa: E402

COCO = """dict(type='CocoDataset', data_root='@DATA@/coco128', ann_file='annotations/instances_train2017.json',
    data_prefix=dict(img='train2017/'), filter_cfg=dict(filter_empty_gt=True, min_size=32), indices=14, pipeline=[%s])"""
LOAD = "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True)"
LOAD_MASKS = "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True, with_mask=True)"
FLIP = "dict(type='RandomFlip', prob=0.5)"
PACK = "dict(type='PackDetInputs')"
LSJ = """dict(type='RandomResize', scale=(256, 256), ratio_range=(0.1, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_type='absolute_range', crop_size=(256, 256), recompute_bbox=True, allow_negative_crop=True),
    dict(type='FilterAnnotations', min_gt_bbox_wh=(1e-2, 1e-2)), dict(type='Pad', size=(256, 256), pad_val=dict(img=(114, 114, 114)))"""


def coco(*steps):
    return COCO % ", ".join(steps)


def mixed(*steps):
    return "dict(type='MultiImageMixDataset', dataset=%s, pipeline=[%s])" % (coco(LOAD), ", ".join(steps))


def folder(*steps):
    return """dict(type='mmpretrain.CustomDataset', data_root='@DATA@/coco128', data_prefix='train2017', with_label=False, indices=14,
    pipeline=[dict(type='LoadImageFromFile'), %s, dict(type='RandomFlip', prob=0.5), dict(type='mmpretrain.PackInputs')])""" % ", ".join(steps)


PRETRAIN_CROP = """dict(type='mmpretrain.RandomResizedCrop', scale=224, crop_ratio_range=(0.2, 1.0), backend='pillow',
    interpolation='bicubic')"""
PIPELINES = {
    "faster_rcnn": coco(LOAD, "dict(type='Resize', scale=(333, 200), keep_ratio=True)", FLIP, PACK),
    "mask_rcnn": coco(LOAD_MASKS, "dict(type='Resize', scale=(333, 200), keep_ratio=True)", FLIP, PACK),
    "multi_scale": coco(LOAD, "dict(type='RandomChoiceResize', scales=[(333, 160), (333, 180), (333, 200)], keep_ratio=True)", FLIP, PACK),
    "detr": coco(LOAD, FLIP, """dict(type='RandomChoice', transforms=[
        [dict(type='RandomChoiceResize', scales=[(120, 333), (160, 333), (200, 333)], keep_ratio=True)],
        [dict(type='RandomChoiceResize', scales=[(100, 1050), (125, 1050), (150, 1050)], keep_ratio=True),
         dict(type='RandomCrop', crop_type='absolute_range', crop_size=(96, 150), allow_negative_crop=True),
         dict(type='RandomChoiceResize', scales=[(120, 333), (160, 333), (200, 333)], keep_ratio=True)]])""", PACK),
    "lsj": coco(LOAD, FLIP, LSJ, PACK),
    "lsj_masks": coco(LOAD_MASKS, FLIP, LSJ, PACK),
    "retinanet_photometric": coco(LOAD, "dict(type='PhotoMetricDistortion')", "dict(type='Resize', scale=(333, 200), keep_ratio=True)", FLIP, PACK),
    "ssd_geometry": coco(LOAD, "dict(type='Expand', mean=[123.675, 116.28, 103.53], to_rgb=True, ratio_range=(1, 4))",
                         "dict(type='MinIoURandomCrop', min_ious=(0.1, 0.3, 0.5, 0.7, 0.9), min_crop_size=0.3)",
                         "dict(type='Resize', scale=(150, 150), keep_ratio=False)", FLIP, PACK),
    "ssd": coco(LOAD, "dict(type='Expand', mean=[123.675, 116.28, 103.53], to_rgb=True, ratio_range=(1, 4))",
                "dict(type='MinIoURandomCrop', min_ious=(0.1, 0.3, 0.5, 0.7, 0.9), min_crop_size=0.3)",
                "dict(type='Resize', scale=(150, 150), keep_ratio=False)", FLIP, """dict(type='PhotoMetricDistortion',
                brightness_delta=32, contrast_range=(0.5, 1.5), saturation_range=(0.5, 1.5), hue_delta=18)""", PACK),
    "yolox_geometry": mixed("dict(type='Mosaic', img_scale=(160, 160), pad_val=114.0)",
                            "dict(type='RandomAffine', scaling_ratio_range=(0.1, 2), border=(-80, -80))",
                            "dict(type='MixUp', img_scale=(160, 160), ratio_range=(0.8, 1.6), pad_val=114.0)", FLIP,
                            "dict(type='Resize', scale=(160, 160), keep_ratio=True)",
                            "dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0)))",
                            "dict(type='FilterAnnotations', min_gt_bbox_wh=(1, 1), keep_empty=False)", PACK),
    "mix_up_of_bytes": mixed("dict(type='MixUp', img_scale=(160, 160), ratio_range=(0.8, 1.6), pad_val=114)", PACK),
    "yolox": mixed("dict(type='Mosaic', img_scale=(160, 160), pad_val=114.0)",
                   "dict(type='RandomAffine', scaling_ratio_range=(0.1, 2), border=(-80, -80))",
                   "dict(type='MixUp', img_scale=(160, 160), ratio_range=(0.8, 1.6), pad_val=114.0)",
                   "dict(type='YOLOXHSVRandomAug')", FLIP, "dict(type='FilterAnnotations', min_gt_bbox_wh=(1, 1), keep_empty=False)", PACK),
    "rtmdet": coco(LOAD, "dict(type='CachedMosaic', img_scale=(160, 160), pad_val=114.0, max_cached_images=6)",
                   "dict(type='RandomResize', scale=(320, 320), ratio_range=(0.1, 2.0), keep_ratio=True)",
                   "dict(type='RandomCrop', crop_size=(160, 160))", FLIP,
                   "dict(type='Pad', size=(160, 160), pad_val=dict(img=(114, 114, 114)))",
                   "dict(type='CachedMixUp', img_scale=(160, 160), ratio_range=(1.0, 1.0), max_cached_images=4, pad_val=(114, 114, 114))", PACK),
    "rtmdet_ins": coco(LOAD_MASKS, "dict(type='CachedMosaic', img_scale=(160, 160), pad_val=114.0, max_cached_images=6)",
                       "dict(type='RandomResize', scale=(320, 320), ratio_range=(0.1, 2.0), keep_ratio=True)",
                       "dict(type='RandomCrop', crop_size=(160, 160), recompute_bbox=True, allow_negative_crop=True)", FLIP,
                       "dict(type='Pad', size=(160, 160), pad_val=dict(img=(114, 114, 114)))",
                       "dict(type='CachedMixUp', img_scale=(160, 160), ratio_range=(1.0, 1.0), max_cached_images=4, pad_val=(114))",
                       "dict(type='FilterAnnotations', min_gt_bbox_wh=(1, 1), keep_empty=False)", PACK),
    "mae_pretrain": folder(PRETRAIN_CROP),
    "pretrain_jitter": folder(PRETRAIN_CROP.replace("224", "96"),
                              "dict(type='mmpretrain.ColorJitter', brightness=0.4, contrast=(0.6, 1.4), saturation=0.4, hue=(0.02, 0.1))"),
    "bicubic": coco(LOAD, "dict(type='Resize', scale=(333, 200), keep_ratio=True, interpolation='bicubic')", FLIP, PACK),
    "lanczos": coco(LOAD, "dict(type='RandomResize', scale=(400, 300), ratio_range=(0.2, 2.0), keep_ratio=True, interpolation='lanczos')", FLIP, PACK),
    "shift_cut_erase": coco(LOAD, "dict(type='RandomShift', prob=0.7, max_shift_px=60)",
                            "dict(type='CutOut', n_holes=(1, 4), cutout_ratio=[(0.1, 0.2), (0.3, 0.1)], fill_in=(3.7, 8.2, 114))",
                            "dict(type='RandomErasing', n_patches=(1, 3), ratio=(0.1, 0.4), squared=False)",
                            "dict(type='Resize', scale=(200, 120))", PACK),
}
TOLERANT = ("retinanet_photometric", "ssd", "yolox")
SETTINGS = [dict(num_workers=0), dict(num_workers=2, persistent_workers=False), dict(num_workers=3, persistent_workers=True)]
SEEDS = [0, 5, 42]


def crc(array):
    return "%08x" % zlib.crc32(np.ascontiguousarray(array).tobytes())


def pixels(inputs):
    _, height, width = inputs.shape
    places = [(height // 3, width // 4), (height // 2, width // 2), (2 * height // 3, 3 * width // 4), (height // 5, width - 1)]
    return ["%.6g" % float(inputs[c, y, x]) for y, x in places for c in range(3)]


def objects(element):
    if "gt_instances" not in element:
        return [0, "-", "-", "-", "-"]
    own = element.gt_instances
    return [len(own.labels), crc(own.bboxes.tensor.numpy()), crc(own.labels.numpy()),
            crc(element.ignored_instances.bboxes.tensor.numpy()), crc(own.masks.to_ndarray()) if "masks" in own else "-"]


def line(epoch, number, inputs, element, tolerant):
    meta = element.metainfo
    name = os.path.splitext(os.path.basename(meta["img_path"]))[0]
    words = [epoch, number, int(name), "x".join(map(str, inputs.shape)), meta.get("flip_direction") or "-",
             ",".join(repr(float(f)) for f in meta.get("scale_factor", ())) or "-"] + objects(element)
    return " ".join(map(str, words + (pixels(inputs) if tolerant else [crc(inputs.numpy())])))


def samples(dataset, seed, setting, tolerant):
    config = Config.fromstring("loader = dict(batch_size=3, sampler=dict(type='DefaultSampler', shuffle=True), "
                               "collate_fn=dict(type='pseudo_collate'), dataset=%s)" % dataset, ".py")
    loader_config = config.loader
    loader_config.update(setting)
    loader = Runner.build_dataloader(loader_config, seed=seed)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    for epoch in range(2):
        loader.sampler.set_epoch(epoch)
        for number, batch in enumerate(loader):
            for inputs, element in zip(batch["inputs"], batch["data_samples"]):
                yield line(epoch, number, inputs, element, tolerant)


def write(path, data, made_by, pipelines, tolerant, seeds, settings):
    cv2.setNumThreads(0)
    cv2.ipp.setUseIPP(False)  # with it, MixUp's resize of doubles differs in the last bits
    init_default_scope("mmdet")
    runs = []
    for name, dataset in pipelines.items():
        for seed in seeds:
            for setting in settings:
                text = dataset.replace("@DATA@", os.path.abspath(data))
                runs.append(dict(pipeline=name, seed=seed, setting=setting, samples=list(samples(text, seed, setting, name in tolerant))))
    golden = dict(made_by=made_by, versions=dict(
        torch=torch.__version__, numpy=np.__version__, opencv=cv2.__version__, pillow=PIL.__version__, mmdet="3.3.0", mmpretrain="1.2.0"),
        pipelines=pipelines, tolerant=tolerant, runs=runs)
    with open(path, "w") as file:
        json.dump(golden, file, indent=0)
        file.write("\n")


def main(data, folder):
    write(os.path.join(folder, "replay_pipelines.json"), data, "tools/golden/openmmlab_pipelines.py", PIPELINES, TOLERANT, SEEDS, SETTINGS)


if __name__ == "__main__":
    main(*sys.argv[1:])
