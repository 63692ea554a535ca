"""Makes tests/golden/coco_masks/: pycocotools' numbers for masks and for proposals.

    python tools/golden/coco_masks.py tests/golden

Needs pycocotools==2.0.11 and numpy. Ground truths are polygons of one or more parts, boxes and run lengths in both forms; results are
run lengths in both forms, polygons or boxes, with and without "bbox", of the image's size and of another one. The proposals are those of
tests/golden/coco_eval/, evaluated with useCats=0.
"""
import contextlib
import io
import json
import os
import sys

import numpy as np
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

WIDTH, HEIGHT = 200, 160
KINDS = ("compressed", "runs", "polygons", "boxes", "mixed")


def numbers(values):
    return [float(v) for v in np.round(values, 2)]


def blob(rng, center, radius):
    """A polygon around a point, now and then outside the image."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.randint(3, 12)))
    radii = radius * rng.uniform(0.5, 1.2, len(angles))
    points = np.stack([center[0] + radii * np.cos(angles), center[1] + radii * np.sin(angles)], 1)
    return numbers(points.reshape(-1))


def encoded(polygons, width=WIDTH, height=HEIGHT):
    return masks.merge(masks.frPyObjects(polygons, height, width))


def uncompressed(rle):
    flat = masks.decode(rle).reshape(-1, order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [-1]])))
    counts = np.diff(np.concatenate([[0], edges]))
    return dict(size=[int(v) for v in rle["size"]], counts=[int(v) for v in counts])


def text_form(rle):
    return dict(size=[int(v) for v in rle["size"]], counts=rle["counts"].decode())


def truth_segmentation(rng, polygons):
    kind = rng.randint(4)
    if kind == 0:
        return text_form(encoded(polygons))
    if kind == 1:
        return uncompressed(encoded(polygons))
    return polygons


def random_set(seed, kind):
    rng = np.random.RandomState(seed)
    images = [dict(id=int(i), file_name="%d.jpg" % i, width=WIDTH, height=HEIGHT) for i in rng.permutation(6) + seed]
    categories = [dict(id=i, name="class %d" % i) for i in (3, 1, 2)]
    truths, found = [], []
    for image in images[:-1]:
        for _ in range(rng.randint(1, 6)):
            center, radius = rng.uniform((0, 0), (WIDTH, HEIGHT)), rng.choice([6, 20, 45, 90])
            polygons = [blob(rng, center, radius)] + ([blob(rng, center + radius, radius / 2)] if rng.rand() < 0.3 else [])
            category, rle = int(rng.randint(1, 4)), encoded(polygons)
            segmentation = truth_segmentation(rng, polygons)
            crowd = int(rng.rand() < 0.15)
            truths.append(dict(id=len(truths), image_id=image["id"], category_id=category, iscrowd=crowd, segmentation=segmentation,
                               bbox=numbers(masks.toBbox(rle)), area=float(masks.area(rle)) * float(rng.choice([1.0, 0.8]))))
            for _ in range(rng.randint(0, 4)):
                moved = [numbers(np.array(p) + rng.uniform(-1, 1, len(p)) * rng.choice([0, 1, 4, 15])) for p in polygons]
                found.append(detection(rng, image["id"], category if rng.rand() < 0.8 else int(rng.randint(1, 5)), moved, kind))
    for _ in range(5):
        found.append(detection(rng, images[rng.randint(len(images))]["id"], int(rng.randint(1, 4)),
                               [blob(rng, rng.uniform((0, 0), (WIDTH, HEIGHT)), 30)], kind))
    return dict(images=images, categories=categories, annotations=truths), [found[i] for i in rng.permutation(len(found))]


def detection(rng, image, category, polygons, kind):
    rle = encoded(polygons)
    one = dict(image_id=image, category_id=category, score=float(np.round(rng.rand(), 1 if rng.rand() < 0.5 else 4)))
    if kind in ("polygons", "boxes", "mixed"):
        one["bbox"] = numbers(masks.toBbox(rle) + rng.uniform(0, 1, 4))
    if kind == "mixed" and rng.rand() < 0.1:
        rle = encoded(polygons, WIDTH + 10, HEIGHT)
    if kind in ("compressed", "mixed"):
        one["segmentation"] = text_form(rle)
    if kind == "runs":
        one["segmentation"] = uncompressed(rle)
    if kind == "polygons":
        one["segmentation"] = polygons
    return one


def readable(found):
    """loadRes measures the area of masks without boxes only in compressed form."""
    found = json.loads(json.dumps(found))
    for one in found:
        segmentation = one.get("segmentation")
        if "bbox" not in one and isinstance(segmentation["counts"], list):
            one["segmentation"] = masks.frPyObjects(segmentation, *segmentation["size"])
    return found


def evaluated(truth, found, iou_type, maxima=(1, 10, 100), use_categories=1):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = json.loads(json.dumps(truth))
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(readable(found)), iou_type)
        evaluation.params.maxDets = list(maxima)
        evaluation.params.useCats = use_categories
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return " ".join("%.17g" % number for number in evaluation.stats)


def main(golden):
    folder = os.path.join(golden, "coco_masks")
    os.makedirs(folder, exist_ok=True)
    lines = ["# Made by tools/golden/coco_masks.py: set, what is compared, 12 statistics"]
    for seed in range(10):
        kind = KINDS[seed % len(KINDS)]
        truth, found = random_set(seed, kind)
        for name, content in (("truth", truth), ("results", found)):
            with open(os.path.join(folder, "%d.%s.json" % (seed, name)), "w") as file:
                json.dump(content, file, separators=(",", ":"))
        for iou_type in ("segm", "bbox"):
            lines.append("%d %s %s" % (seed, iou_type, evaluated(truth, found, iou_type)))
    for seed in range(8):
        truth, found = (json.load(open(os.path.join(golden, "coco_eval", "%d.%s.json" % (seed, name)))) for name in ("truth", "results"))
        lines.append("%d proposal %s" % (seed, evaluated(truth, found, "bbox", (100, 300, 1000), 0)))
        lines.append("%d few_proposals %s" % (seed, evaluated(truth, found, "bbox", (1, 3, 5), 0)))
    texts = []
    for case in range(12):
        rng = np.random.RandomState(case)
        polygons = [blob(rng, rng.uniform((0, 0), (40, 30)), rng.choice([3, 9, 25])) for _ in range(case % 3 + 1)]
        rle = encoded(polygons, 40, 30)
        texts.append("%s %s %s" % (json.dumps(polygons, separators=(",", ":")), rle["counts"].decode(),
                                   " ".join("%d" % v for v in masks.toBbox(rle))))
    with open(os.path.join(folder, "runs.txt"), "w") as file:
        file.write("\n".join(texts) + "\n")
    with open(os.path.join(folder, "expected.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
