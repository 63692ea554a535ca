"""Makes tests/golden/datasets.txt: the records that OpenMMLab's own data sets read.

Needs what openmmlab_replay.py needs, and mmpretrain==1.2.0.

    python tools/golden/datasets.py DATA tests/golden

DATA is the folder that holds bccd/. After a line "# NAME" comes a line for each record: its path below the data set's
folder, id, width, height, label, then each object as label, box, ignore flag. The files of the folders and the JSON file
are made here; the test makes the same ones.
"""
import json
import os
import sys
import tempfile

import openmmlab_replay

sys.modules["torchvision._meta_registrations"] = openmmlab_replay.Stand("meta")  # any torchvision will do
from mmdet.datasets import BaseDetDataset, VOCDataset, XMLDataset  # noqa: E402
from mmpretrain.datasets import CustomDataset, ImageNet  # noqa: E402

PICTURES = ["b/2.JPG", "b/10.jpg", "b/deep/1.png", "a/x.jpeg", "a/x.txt", "a/.hidden.jpg", "c-d/z.tif", "c/z.bmp", "top.jpg"]
LISTED = ["b/2.JPG 1", "a/x.jpeg 0", "with blank.jpg 2", "b/10.jpg 1"]
RECORDS = dict(metainfo=dict(classes=["cat", "dog"], task="pets"), data_list=[
    dict(img_path="one.jpg", img_id=7, height=40, width=60, instances=[
        dict(bbox=[1, 2.5, 30.25, 20], bbox_label=1, ignore_flag=0), dict(bbox=[-3, 0, 4, 9], bbox_label=0, ignore_flag=1)]),
    dict(img_path="sub/two.png", img_id="text id", height=10, width=20, instances=[])])
BCCD = ("RBC", "WBC", "Platelets")


def number(value):
    return repr(float(value))


def lines(dataset, root):
    for i in range(len(dataset)):
        record = dataset.get_data_info(i)
        words = [os.path.relpath(record["img_path"], root), record.get("img_id", "-"), record.get("width", 0), record.get("height", 0),
                 record.get("gt_label", "-")]
        for one in record.get("instances", []):
            words += [one["bbox_label"], *map(number, one["bbox"]), one["ignore_flag"]]
        yield "|".join(map(str, words))


def cases(data, folder):
    bccd = os.path.join(data, "bccd")
    keys = dict(data_root=bccd, data_prefix=dict(sub_data_root=""))
    for split in ("train", "val"):
        yield "xml_" + split, bccd, XMLDataset(ann_file="ImageSets/Main/%s.txt" % split, indices=20, metainfo=dict(classes=BCCD), **keys)
    yield "xml_filtered", bccd, XMLDataset(ann_file="ImageSets/Main/val.txt", metainfo=dict(classes=("Platelets", "WBC")), indices=20,
                                           filter_cfg=dict(filter_empty_gt=True, min_size=32, bbox_min_size=60), **keys)
    yield "voc", bccd, VOCDataset(ann_file="ImageSets/Main/test.txt", indices=3, **keys)
    yield "json", os.path.join(folder, "img"), BaseDetDataset(ann_file="records.json", data_root=folder, data_prefix=dict(img_path="img"))
    pictures = os.path.join(folder, "train")
    yield "folder", pictures, CustomDataset(data_root=folder, data_prefix="train")
    yield "folder_without_labels", pictures, CustomDataset(data_root=folder, data_prefix="train", with_label=False)
    yield "listed", pictures, CustomDataset(data_root=folder, data_prefix="train", ann_file="list.txt")
    yield "split", pictures, ImageNet(data_root=folder, split="train", with_label=True)


def make_files(folder):
    for name in PICTURES:
        path = os.path.join(folder, "train", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").close()
    os.makedirs(os.path.join(folder, "meta"))
    for name in ("list.txt", "meta/train.txt"):
        with open(os.path.join(folder, name), "w") as file:
            file.write("".join(line + "\n" for line in LISTED))
    with open(os.path.join(folder, "records.json"), "w") as file:
        json.dump(RECORDS, file)


def main(data, folder):
    with tempfile.TemporaryDirectory() as made, open(os.path.join(folder, "datasets.txt"), "w") as file:
        make_files(made)
        for name, root, dataset in cases(data, made):
            file.write("# %s\n" % name)
            file.writelines(line + "\n" for line in lines(dataset, root))


if __name__ == "__main__":
    main(*sys.argv[1:])
