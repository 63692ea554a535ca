"""Makes tests/golden/replay_steps.json: what OpenMMLab's own loader gives for steps and data sets that the pipelines of
common detectors do not use. Lines as in openmmlab_pipelines.py, which it needs; one seed and two settings of the workers.

    python tools/golden/openmmlab_steps.py DATA tests/golden
"""
import os
import sys

from openmmlab_pipelines import FLIP, LOAD, LOAD_MASKS, PACK, coco, write

POLYGONS = "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True, with_mask=True, poly2mask=False)"
SMALL = "dict(type='Resize', scale=(150, 110), keep_ratio=True)"
FLOATS = "dict(type='LoadImageFromFile', to_float32=True), dict(type='LoadAnnotations', with_bbox=True)"


def pair(first, second):
    return "dict(type='ConcatDataset', datasets=[%s, %s])" % (first, second)


PIPELINES = {
    "fix_scale_resize": coco(LOAD_MASKS, "dict(type='FixScaleResize', scale=(333, 201), keep_ratio=True)", FLIP, PACK),
    "fix_shape_resize": coco(LOAD_MASKS, "dict(type='FixShapeResize', width=211, height=160)", FLIP, PACK),
    "fix_shape_resize_padded": coco(LOAD_MASKS, """dict(type='FixShapeResize', width=173, height=190, keep_ratio=True,
        pad_val=dict(img=(114, 3, 200), seg=255))""", FLIP, PACK),
    "shortest_edge": coco(LOAD_MASKS, "dict(type='ResizeShortestEdge', scale=(400, 201), max_size=307)", FLIP, PACK),
    "shortest_edge_unlimited": coco(LOAD, "dict(type='ResizeShortestEdge', scale=157, keep_ratio=True)", FLIP, PACK),
    "random_apply": coco(LOAD, "dict(type='Resize', scale=(300, 200))", """dict(type='RandomApply', prob=0.6, transforms=[
        dict(type='RandomCrop', crop_size=(0.5, 0.9), crop_type='relative_range', allow_negative_crop=True)])""", FLIP, PACK),
    "class_balanced": "dict(type='ClassBalancedDataset', oversample_thr=0.3, dataset=%s)" % coco(
        LOAD, "dict(type='Resize', scale=(160, 120))", FLIP, PACK),
    "concatenated": pair(coco(LOAD, "dict(type='Resize', scale=(160, 120))", FLIP, PACK),
                         coco(LOAD, "dict(type='Resize', scale=(90, 130))", PACK)),
    "area": coco(LOAD, "dict(type='Resize', scale=(150, 110), interpolation='area')", FLIP, PACK),
    "area_up": coco(LOAD, "dict(type='Resize', scale=(700, 110), interpolation='area')", FLIP, PACK),
    "bicubic_floats": coco(FLOATS, "dict(type='Resize', scale=(333, 200), keep_ratio=True, interpolation='bicubic')", FLIP, PACK),
    "pad_edge": coco(LOAD_MASKS, SMALL, "dict(type='Pad', size_divisor=64, padding_mode='edge')", FLIP, PACK),
    "pad_reflect": coco(LOAD, SMALL, "dict(type='Pad', size=(400, 610), padding_mode='reflect')", FLIP, PACK),
    "pad_symmetric": coco(LOAD, SMALL, "dict(type='Pad', pad_to_square=True, padding_mode='symmetric')", FLIP, PACK),
    "choice_of_numbers": coco(LOAD_MASKS, SMALL, "dict(type='RandomChoiceResize', scales=[1, 2, (120, 160)], keep_ratio=True)", FLIP, PACK),
    "polygons": coco(POLYGONS, "dict(type='Resize', scale=(333, 200), keep_ratio=True)", FLIP, PACK),
    "polygons_cropped": coco(POLYGONS, FLIP, "dict(type='RandomCrop', crop_size=(160, 120), recompute_bbox=True)",
                             "dict(type='FilterAnnotations', by_mask=True, min_gt_mask_area=16)", PACK),
    "nearest": coco(LOAD, "dict(type='Resize', scale=(333, 200), keep_ratio=True, interpolation='nearest')", FLIP, PACK),
    "pillow": coco(LOAD, "dict(type='Resize', scale=(333, 200), keep_ratio=True, backend='pillow')", FLIP, PACK),
    "pillow_lanczos": coco(LOAD, "dict(type='Resize', scale=(150, 800), backend='pillow', interpolation='lanczos')", FLIP, PACK),
}
SETTINGS = [dict(num_workers=0), dict(num_workers=2, persistent_workers=True)]


def main(data, folder):
    write(os.path.join(folder, "replay_steps.json"), data, "tools/golden/openmmlab_steps.py", PIPELINES, (), [5], SETTINGS)


if __name__ == "__main__":
    main(*sys.argv[1:])
