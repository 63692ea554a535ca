"""Makes tests/golden/coco_eval/mmdet.txt: mmdet's proposal recall and VOC mAP of the sets of tests/golden/coco_eval/.

    python tools/golden/detection_metrics.py tests/golden FOLDER

FOLDER has mmdet 3.3.0 (the wheel, unpacked): only mmdet/evaluation/functional is read. Needs numpy<2, with which upstream compares
float32 and Python's floats in float32. Equal scores are sorted stably; upstream leaves their order to numpy.
"""
import importlib.util
import json
import os
import sys
import types

import numpy as np

THRESHOLDS = np.linspace(.5, 0.95, 10, endpoint=True)


class StableNumpy:
    """numpy whose argsort is stable."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def argsort(values):
        return np.argsort(values, kind="stable")


def load_functions(folder):
    logging, utils, tables = (types.ModuleType(name) for name in ("mmengine.logging", "mmengine.utils", "terminaltables"))
    logging.print_log = lambda *args, **kwargs: None
    utils.is_str = lambda value: isinstance(value, str)
    tables.AsciiTable = lambda data: types.SimpleNamespace(table="", inner_footing_row_border=False)
    sys.modules.update({"mmengine": types.ModuleType("mmengine"), "mmengine.logging": logging, "mmengine.utils": utils,
                        "terminaltables": tables})
    package = types.ModuleType("functional")
    package.__path__ = [os.path.join(folder, "mmdet", "evaluation", "functional")]
    sys.modules["functional"] = package
    names = types.ModuleType("functional.class_names")
    names.get_classes = lambda name: None
    sys.modules["functional.class_names"] = names
    loaded = {}
    for name in ("bbox_overlaps", "mean_ap", "recall"):
        spec = importlib.util.spec_from_file_location("functional." + name, os.path.join(package.__path__[0], name + ".py"))
        loaded[name] = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = loaded[name]
        spec.loader.exec_module(loaded[name])
    loaded["mean_ap"].np = StableNumpy()
    return loaded["mean_ap"], loaded["recall"], loaded["bbox_overlaps"]


def corners(rows):
    boxes = [[r["bbox"][0], r["bbox"][1], r["bbox"][0] + r["bbox"][2], r["bbox"][1] + r["bbox"][3]] for r in rows]
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)


def voc(mean_ap, truth, found, threshold, mode):
    labels = {category["id"]: i for i, category in enumerate(truth["categories"])}
    annotations, detections = [], []
    for image in truth["images"]:
        own = [a for a in truth["annotations"] if a["image_id"] == image["id"]]
        rows = [a for a in own if not a["iscrowd"]]
        ignored = [a for a in own if a["iscrowd"]]
        annotations.append(dict(bboxes=corners(rows), labels=np.array([labels[a["category_id"]] for a in rows], dtype=int),
                                bboxes_ignore=corners(ignored), labels_ignore=np.array([labels[a["category_id"]] for a in ignored], dtype=int)))
        own = [d for d in found if d["image_id"] == image["id"]]
        detections.append([])
        for category in truth["categories"]:
            rows = [d for d in own if d["category_id"] == category["id"]]
            scores = np.array([d["score"] for d in rows], dtype=np.float32).reshape(-1, 1)
            detections[-1].append(np.hstack([corners(rows), scores]))
    mean, _ = mean_ap.eval_map(detections, annotations, iou_thr=threshold, dataset=tuple(labels), eval_mode=mode, nproc=1,
                               use_legacy_coordinate=True)
    return mean


def proposal_fast(recall, overlaps, truth, found, counts):
    ious = []
    for image in truth["images"]:
        boxes = corners([a for a in truth["annotations"] if a["image_id"] == image["id"] and not a["iscrowd"]])
        proposals = corners([d for d in found if d["image_id"] == image["id"]])[:counts[-1]]
        ious.append(overlaps.bbox_overlaps(boxes, proposals) if len(boxes) else np.zeros((0, len(proposals)), dtype=np.float32))
    table = np.empty(len(ious), dtype=object)
    table[:] = ious
    return recall._recalls(table, np.array(counts), THRESHOLDS).mean(axis=1)


def main(golden, folder):
    mean_ap, recall, overlaps = load_functions(folder)
    lines = ["# Made by tools/golden/detection_metrics.py: set, what, numbers"]
    for seed in range(8):
        truth, found = (json.load(open(os.path.join(golden, "coco_eval", "%d.%s.json" % (seed, name)))) for name in ("truth", "results"))
        for counts in ((100, 300, 1000), (1, 3, 5)):
            numbers = proposal_fast(recall, overlaps, truth, found, counts)
            lines.append("%d proposal_fast_%d %s" % (seed, counts[0], " ".join("%.17g" % v for v in numbers)))
        for mode in ("11points", "area"):
            numbers = [voc(mean_ap, truth, found, threshold, mode) for threshold in (0.3, 0.5, 0.75)]
            lines.append("%d %s %s" % (seed, mode, " ".join("%.17g" % v for v in numbers)))
    with open(os.path.join(golden, "coco_eval", "mmdet.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
