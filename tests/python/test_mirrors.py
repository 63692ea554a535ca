# SPDX-License-Identifier: Apache-2.0
"""Configs, schedules, weights, COCO's evaluation, and reports: the same as the program's."""

import copy
import csv
import io
import json
import pickle

import numpy
import pytest

import pinfeed
from conftest import run
from pinfeed._config import as_config


def test_a_config_has_attributes_and_places(config):
    read = pinfeed.Config.fromfile(config, {"train_dataloader.batch_size": 8, "randomness": dict(seed=5)})
    assert read.train_dataloader.batch_size == 8
    assert read["randomness"] == {"seed": 5}
    assert read.train_dataloader.dataset.pipeline[2].scale == (96, 64)
    assert read.filename == str(config)
    assert read.source("train_dataloader.dataset.pipeline.2.scale") == (str(config), 15)
    assert read.source("train_dataloader.dataset.pipeline[2].scale") == (str(config), 15)
    with pytest.raises(pinfeed.Error, match="the config has no 'train_dataloader.size'"):
        read.source("train_dataloader.size")
    with pytest.raises(AttributeError, match="the config has no key 'missing' here"):
        read.missing
    plain = read.to_dict()
    assert type(plain) is dict and type(plain["train_dataloader"]) is dict
    assert pickle.loads(pickle.dumps(read)) == copy.deepcopy(read) == read == plain


def test_a_changed_config_is_used_and_keeps_its_places(config):
    read = pinfeed.Config.fromfile(config)
    read.train_dataloader.batch_size = 3
    read.train_dataloader.dataset.pipeline[2].scal = 5
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(read)
    assert caught.value.source[:2] == (str(config), 15)  # the step, in which the key is not written
    del read.train_dataloader.dataset.pipeline[2].scal
    with pinfeed.Loader(read) as loader:
        assert loader.batch_size == 3


@pytest.mark.parametrize("options", [
    {"train_dataloader": dict(batch_size=7)},
    {"train_dataloader.sampler": dict(_delete_=True, type="DefaultSampler", shuffle=False)},
    {"train_dataloader.dataset.pipeline": {"2": dict(scale=(48, 32))}},
    {"train_dataloader.dataset.pipeline.2": dict(keep_ratio=False), "pinfeed.prefetch": 1},
])
def test_options_of_a_config_follow_the_rules_of_those_of_a_file(config, options):
    of_a_file = pinfeed.Config.fromfile(config, options)
    for read in (pinfeed.Config.fromfile(config), pinfeed.Config.fromfile(config).to_dict()):
        assert as_config(read, options)[0] == of_a_file != pinfeed.Config.fromfile(config)


def test_a_value_that_a_config_cannot_have(config):
    read = pinfeed.Config.fromfile(config)
    read.train_dataloader.batch_size = object()
    with pytest.raises(pinfeed.Error, match="the value is a object, which a config cannot have") as caught:
        pinfeed.Loader(read)
    assert caught.value.config_path == "train_dataloader.batch_size"
    read.train_dataloader.batch_size = numpy.int64(6)
    with pinfeed.Loader(read) as loader:
        assert loader.batch_size == 6


def columns_of_the_program(config):
    rows = list(csv.reader(io.StringIO(run("lr", config, "--epoch-length", 6))))
    return {name: [float(row[i]) for row in rows[1:]] for i, name in enumerate(rows[0])}


def test_the_schedule_equals_that_of_the_program(config):
    expected = columns_of_the_program(config)
    values = pinfeed.schedule(config, epoch_length=6)
    assert values["lr"].tolist() == expected["lr"]
    assert values["epoch"].tolist() == expected["epoch"]
    with pytest.raises(pinfeed.Error, match="the schedule counts epochs") as caught:
        pinfeed.schedule(config)
    assert caught.value.help == "pass epoch_length=len(loader)"


class Optimizer:
    """The groups of an optimizer of torch."""

    def __init__(self):
        self.param_groups = [{"lr": 0.02, "momentum": 0.9, "weight_decay": 1e-4},
                             {"lr": 0.002, "momentum": 0.9, "weight_decay": 0.0}]


def test_a_scheduler_drives_an_optimizer(config):
    expected = pinfeed.schedule(config, epoch_length=6)["lr"].tolist()
    optimizer = Optimizer()
    scheduler = pinfeed.LRScheduler(optimizer, config, epoch_length=6)
    assert optimizer.param_groups[0]["initial_lr"] == 0.02
    seen, states = [], []
    for _ in range(24):
        seen.append(optimizer.param_groups[0]["lr"])
        assert scheduler.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
        states.append(json.loads(json.dumps(scheduler.state_dict())))
        scheduler.step()
    assert seen == expected
    for start in (3, 6, 17):
        other = Optimizer()
        resumed = pinfeed.LRScheduler(other, config, epoch_length=6)
        resumed.load_state_dict(states[start])
        rest = []
        for _ in range(24 - start):
            rest.append(other.param_groups[0]["lr"])
            resumed.step()
        assert rest == expected[start:]


def test_an_iteration_loop_has_no_epochs(config):
    root = pinfeed.Config.fromfile(config)
    root.train_cfg = dict(type="IterBasedTrainLoop", max_iters=24)
    root.param_scheduler = [dict(type="MultiStepLR", milestones=[2, 12], gamma=0.1, by_epoch=False)]
    expected = pinfeed.schedule(root)["lr"].tolist()
    optimizer = Optimizer()
    scheduler = pinfeed.LRScheduler(optimizer, root, epoch_length=6)
    seen = []
    for _ in range(24):
        seen.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    assert seen == expected and len(set(seen)) == 3


def test_a_scheduler_needs_the_value_that_it_moves(config):
    optimizer = Optimizer()
    del optimizer.param_groups[0]["lr"]
    with pytest.raises(pinfeed.Error, match="a group of the optimizer has no lr"):
        pinfeed.LRScheduler(optimizer, config, epoch_length=6)


@pytest.fixture(scope="module")
def detections(shapes):
    """Boxes near the ground truth, with scores."""
    truth = json.loads((shapes / "annotations" / "train.json").read_text())
    random = numpy.random.default_rng(0)
    found = []
    for annotation in truth["annotations"]:
        if random.random() < 0.2:
            continue
        box = numpy.array(annotation["bbox"]) + random.normal(0, 2, 4)
        found.append(dict(image_id=annotation["image_id"], category_id=annotation["category_id"],
                          bbox=numpy.maximum(box, 1), score=numpy.float32(random.random()),
                          segmentation=annotation["segmentation"]))
    return found


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_coco_eval_equals_the_program(shapes, detections, tmp_path, iou_type):
    truth = shapes / "annotations" / "train.json"
    path = tmp_path / "dt.json"
    path.write_text(json.dumps(detections, default=lambda value: value.tolist()))
    expected = json.loads(run("coco-eval", truth, path, "--iou-type", iou_type, "--json"))
    of_files = pinfeed.coco_eval(truth, path, iou_type, per_class=True)
    assert [of_files[name] for name in list(of_files)[:12]] == expected["stats"]
    assert of_files["per_class"] == expected["per_class"]
    assert pinfeed.coco_eval(json.loads(truth.read_text()), detections, iou_type, per_class=True) == of_files
    assert set(pinfeed.coco_eval(truth, path, iou_type)) == set(of_files) - {"per_class"}
    assert 0.1 < of_files["AP"] <= 1


def test_coco_eval_refuses_what_it_cannot_read(shapes):
    truth = shapes / "annotations" / "train.json"
    with pytest.raises(pinfeed.Error, match="iou_type is 'box'; it must be 'bbox' or 'segm'"):
        pinfeed.coco_eval(truth, [], "box")
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.coco_eval(truth, [dict(image_id=1)])
    assert caught.value.kind == "data"


def test_weights_are_views_of_the_file(tmp_path):
    from write_safetensors import write_safetensors
    path = tmp_path / "weights.safetensors"
    write_safetensors(path, {"a.weight": numpy.arange(6, dtype="float32").reshape(2, 3)})
    before = path.read_bytes()
    weights = pinfeed.load_weights(path)
    array = numpy.from_dlpack(weights["a.weight"])
    array[0, 0] = 7
    del weights
    assert array.tolist() == [[7, 1, 2], [3, 4, 5]]
    assert path.read_bytes() == before


def test_weights_run_nothing(tmp_path):
    class Harm:
        def __reduce__(self):
            import os
            return os.system, (f"touch {tmp_path}/harmed",)

    path = tmp_path / "harm.pth"
    path.write_bytes(pickle.dumps({"state_dict": Harm()}, protocol=2))
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.load_weights(path)
    assert caught.value.kind == "data" and "system" in caught.value.message
    assert not (tmp_path / "harmed").exists()


def test_the_parts_are_those_of_the_program():
    parts = pinfeed.list_parts()
    assert parts["transform"]["Resize"]["keys"]["scale"]["use"] == "used"
    printed = run("list", "all")
    for kind, group in parts.items():
        assert kind in printed
        for name, part in group.items():
            assert f"  {name}\n    {part['summary']}\n" in printed


def test_the_memory_report():
    report = pinfeed.memory_report()
    expected = json.loads(run("memory", "--json"))
    assert set(report) == set(expected) - {"pool", "overlap"}
    assert report["ram_bytes"] == expected["ram_bytes"]
    assert set(report["rates"]) == set(expected["rates"])
    assert report["allocate_seconds_per_gib"]["pageable"] > 0
