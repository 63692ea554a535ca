"""Makes tests/golden/coco_eval/: pycocotools' numbers for random data sets.

    python tools/golden/coco_eval.py tests/golden

Needs pycocotools==2.0.11 and numpy. The sets have crowds, ties of scores and of overlaps, ground truths of id 0, categories
without objects, detections of unknown categories, images without anything, areas at the borders of the ranges.
"""
import contextlib
import io
import json
import os
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def random_set(seed):
    rng = np.random.RandomState(seed)
    images = [dict(id=int(i), file_name="%d.jpg" % i, width=640, height=480) for i in rng.permutation(12) + seed]
    categories = [dict(id=int(i), name="class %d" % i) for i in rng.permutation(5) + 1]
    truths, found = [], []
    for image in images[:-1]:
        for _ in range(rng.randint(0, 9)):
            box = [float(v) for v in np.round([rng.uniform(0, 500), rng.uniform(0, 350), *rng.choice([16, 32, 50.5, 96, 200], 2)], 2)]
            category = int(rng.randint(1, 5))  # category 5 stays without objects
            area = box[2] * box[3] * float(rng.choice([1.0, 0.7]))
            truths.append(dict(id=len(truths), image_id=image["id"], category_id=category, bbox=box, area=area,
                               iscrowd=int(rng.rand() < 0.15)))
            for _ in range(rng.randint(0, 4)):
                moved = [float(v) for v in np.round(np.array(box) + rng.uniform(-1, 1, 4) * rng.choice([0, 2, 12]), 1)]
                moved[2:] = [max(1.0, v) for v in moved[2:]]
                found.append(dict(image_id=image["id"], category_id=category if rng.rand() < 0.8 else int(rng.randint(1, 8)), bbox=moved,
                                  score=float(np.round(rng.rand(), 1 if seed % 2 else 4))))
    for _ in range(15):
        found.append(dict(image_id=images[rng.randint(len(images))]["id"], category_id=int(rng.randint(1, 6)),
                          bbox=[float(v) for v in np.round(rng.uniform(1, 200, 4), 2)], score=float(np.round(rng.rand(), 2))))
    order = rng.permutation(len(found))
    return dict(images=images, categories=categories, annotations=truths), [found[i] for i in order]


def evaluated(truth, found, maxima):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = json.loads(json.dumps(truth))
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(json.loads(json.dumps(found))), "bbox")
        evaluation.params.maxDets = list(maxima)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"]
    per_class = []
    for k in range(precision.shape[2]):
        cell = precision[:, :, k, 0, -1]
        cell = cell[cell > -1]
        per_class.append(float(np.mean(cell)) if cell.size else -1.0)
    return dict(stats=[float(v) for v in evaluation.stats], per_class=per_class)


def text_of(numbers):
    return " ".join("%.17g" % number for number in numbers)


def main(folder):
    folder = os.path.join(folder, "coco_eval")
    os.makedirs(folder, exist_ok=True)
    lines = ["# Made by tools/golden/coco_eval.py: set, maxima, 12 statistics, then the AP of each category"]
    for seed in range(8):
        truth, found = random_set(seed)
        for name, content in (("truth", truth), ("results", found)):
            with open(os.path.join(folder, "%d.%s.json" % (seed, name)), "w") as file:
                json.dump(content, file, separators=(",", ":"))
        for name, maxima in (("coco", (1, 10, 100)), ("mmdet", (100, 300, 1000))):
            numbers = evaluated(truth, found, maxima)
            lines.append("%d %s %s %s" % (seed, name, text_of(numbers["stats"]), text_of(numbers["per_class"])))
    with open(os.path.join(folder, "expected.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
