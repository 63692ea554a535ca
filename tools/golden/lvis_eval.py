"""Makes tests/golden/lvis/: the numbers of LVIS's own evaluation.

    python tools/golden/lvis_eval.py tests/golden FOLDER

FOLDER has lvis 0.5.3 (the wheel, unpacked). Needs pycocotools==2.0.11 and numpy. The sets are those of tests/golden/coco_masks/ with the
keys of LVIS; results are used as they are.
"""
import importlib.util
import json
import logging
import os
import sys
import types

import numpy as np

np.float = float  # lvis 0.5.3 is older than numpy 1.24


def load_lvis(folder):
    package = types.ModuleType("lvis")
    package.__path__ = [os.path.join(folder, "lvis")]
    sys.modules["lvis"] = package
    modules = []
    for name in ("lvis", "results", "eval"):
        spec = importlib.util.spec_from_file_location("lvis." + name, os.path.join(folder, "lvis", name + ".py"))
        modules.append(importlib.util.module_from_spec(spec))
        sys.modules[spec.name] = modules[-1]
        spec.loader.exec_module(modules[-1])
    return modules[0].LVIS, modules[1].LVISResults, modules[2].LVISEval


def lvis_truth(truth, seed):
    rng = np.random.RandomState(seed)
    categories = [c["id"] for c in truth["categories"]]
    for category, frequency in zip(truth["categories"], "rcf"):
        category["frequency"] = frequency
    for image in truth["images"]:
        present = {a["category_id"] for a in truth["annotations"] if a["image_id"] == image["id"]}
        image["coco_url"] = "http://images.cocodataset.org/val2017/%s" % image.pop("file_name")
        image["neg_category_ids"] = [c for c in categories if c not in present and rng.rand() < 0.5]
        image["not_exhaustive_category_ids"] = [c for c in present if rng.rand() < 0.3]
    for annotation in truth["annotations"]:
        annotation["id"] += 1
        if rng.rand() < 0.1:
            annotation["ignore"] = 1
    return truth


def main(golden, folder):
    logging.disable(logging.CRITICAL)
    LVIS, LVISResults, LVISEval = load_lvis(folder)
    target = os.path.join(golden, "lvis")
    os.makedirs(target, exist_ok=True)
    lines = ["# Made by tools/golden/lvis_eval.py: set, what is compared, 13 statistics"]
    for seed in (0, 2, 3, 5, 7):
        masks = os.path.join(golden, "coco_masks")
        truth = lvis_truth(json.load(open(os.path.join(masks, "%d.truth.json" % seed))), seed)
        path = os.path.join(target, "%d.truth.json" % seed)
        with open(path, "w") as file:
            json.dump(truth, file, separators=(",", ":"))
        results = os.path.join(masks, "%d.results.json" % seed)
        for iou_type in ("bbox", "segm"):
            gt = LVIS(path)
            evaluation = LVISEval(gt, LVISResults(gt, results), iou_type)
            evaluation.run()
            lines.append("%d %s %s" % (seed, iou_type, " ".join("%.17g" % v for v in evaluation.get_results().values())))
    with open(os.path.join(target, "expected.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
