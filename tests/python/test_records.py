# SPDX-License-Identifier: Apache-2.0
"""Loaders without a config."""

import gc
import json
import threading
import warnings
import weakref

import numpy
import pytest

import pinfeed


@pytest.fixture(scope="module")
def records(shapes):
    """The records of the data set as dicts."""
    truth = json.loads((shapes / "annotations" / "train.json").read_text())
    labels = {category["id"]: i for i, category in enumerate(truth["categories"])}
    made = {image["id"]: dict(img_path=str(shapes / "train" / image["file_name"]), img_id=image["id"], bboxes=[],
                              labels=[]) for image in truth["images"]}
    for annotation in truth["annotations"]:
        x, y, width, height = annotation["bbox"]
        made[annotation["image_id"]]["bboxes"].append([x, y, x + width, y + height])
        made[annotation["image_id"]]["labels"].append(labels[annotation["category_id"]])
    for record in made.values():
        record["bboxes"] = numpy.array(record["bboxes"], "float32").reshape(-1, 4)
        record["labels"] = numpy.array(record["labels"], "int64")
    return list(made.values())


STEPS = [dict(type="Resize", scale=(96, 64), keep_ratio=True), dict(type="RandomFlip", prob=0.5)]


class Function:
    """A data set that is a function, and the threads that called it."""

    def __init__(self, records):
        self.records = records
        self.threads = set()
        self.calls = 0

    def __len__(self):
        return len(self.records)

    def __getitem__(self, index):
        self.threads.add(threading.current_thread())
        self.calls += 1
        return self.records[index]


def content(batch):
    return [(image.numpy().tobytes(), sample.gt_instances.bboxes.numpy().tolist(),
             sample.gt_instances.labels.numpy().tolist(), sample.metainfo["img_id"])
            for image, sample in zip(batch["inputs"], batch["data_samples"])]


def contents(dataset, epochs=2, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pinfeed.Loader(dataset=dataset, pipeline=STEPS, batch_size=4, seed=1, **arguments) as loader:
            return [content(batch) for _ in range(epochs) for batch in loader]


def test_a_list_equals_the_config(records, config):
    options = {"train_dataloader.sampler": dict(type="DefaultSampler", shuffle=True),
               "train_dataloader.dataset.pipeline.1.with_mask": False}
    with pinfeed.Loader(config, cfg_options=options) as loader:
        expected = [content(batch) for _ in range(2) for batch in loader]
    made = contents(records, sampler=dict(type="DefaultSampler", shuffle=True))
    assert len(made) == 12
    assert made == expected


def with_bytes(records, key="img_bytes"):
    made = []
    for record in records:
        record = dict(record)
        with open(record.pop("img_path"), "rb") as file:
            record[key] = file.read()
        made.append(record)
    return made


@pytest.mark.parametrize("key", ["img_bytes", "img_path"])
def test_bytes_equal_files(records, key):
    assert contents(with_bytes(records, key)) == contents(records)


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_function_equals_a_list(records, in_memory):
    function = Function(with_bytes(records) if in_memory else records)
    assert contents(function) == contents(records)
    assert function.threads == {threading.current_thread()}
    assert function.calls >= 2 * len(records)


def test_a_function_with_mosaics_of_bytes(records):
    steps = [dict(type="Mosaic", img_scale=(64, 64), prob=1.0), *STEPS]
    made = []
    for dataset in (records, with_bytes(records), Function(with_bytes(records))):
        root_steps = [dict(type="LoadImageFromFile"), dict(type="LoadAnnotations", with_bbox=True)]
        wrapped = dict(_delete_=True, type="MultiImageMixDataset", pipeline=[*steps, dict(type="PackDetInputs")],
                       dataset=dict(type="PythonRecords", pipeline=root_steps))
        with pinfeed.Loader(dataset=dataset, batch_size=4, seed=1,
                            cfg_options={"train_dataloader.dataset": wrapped}) as loader:
            made.append([content(batch) for batch in loader])
    assert len(made[0]) == 6
    assert made[0] == made[1] == made[2]


def test_a_function_continues_at_a_state(records):
    with pinfeed.Loader(dataset=Function(records), pipeline=STEPS, batch_size=4, seed=1) as loader:
        loader.load_state_dict({"epoch": 1, "batch": 3})
        assert content(next(iter(loader))) == contents(records)[9]


def test_a_function_that_is_left_does_not_block(records):
    for _ in range(20):
        loader = pinfeed.Loader(dataset=Function(records), pipeline=STEPS, batch_size=2)
        next(iter(loader))
        loader.close()


def test_the_exception_of_a_function_is_the_cause(records):
    class Raises(Function):
        def __getitem__(self, index):
            if index == 9:
                raise ValueError("no such file")
            return super().__getitem__(index)

    with pinfeed.Loader(dataset=Raises(records), pipeline=STEPS, batch_size=4) as loader:
        iteration = iter(loader)
        next(iteration), next(iteration)
        with pytest.raises(pinfeed.Error, match="the data set raised ValueError: no such file") as caught:
            next(iteration)
        assert caught.value.kind == "data"
        assert isinstance(caught.value.__cause__, ValueError)
        assert len(list(iteration)) == 3


def test_an_interrupt_in_a_function_is_raised(records):
    class Interrupts(Function):
        stops = True

        def __getitem__(self, index):
            if index == 5 and self.stops:
                self.stops = False
                raise KeyboardInterrupt
            return super().__getitem__(index)

    with pinfeed.Loader(dataset=Interrupts(records), pipeline=STEPS, batch_size=4, seed=1) as loader:
        iteration, made = iter(loader), []
        with pytest.raises(KeyboardInterrupt):
            while True:
                made.append(content(next(iteration)))
        made += [content(batch) for batch in iteration]
    assert made == contents(records, epochs=1)


def test_a_python_transform_gets_arrays(records):
    seen = []

    def brighten(sample):
        seen.append(sample)
        return {"image": sample["inputs"].astype("float32") / 255, "boxes": sample["data_samples"].gt_instances.bboxes}

    with pytest.warns(pinfeed.Warning, match="brighten runs in Python for each sample.* slow") as caught:
        loader = pinfeed.Loader(dataset=records, pipeline=[*STEPS, brighten], batch_size=4, seed=1)
    assert caught[0].filename == __file__
    with loader:
        batches = list(loader)
    assert len(seen) == 24 and isinstance(seen[0]["inputs"], numpy.ndarray)
    assert isinstance(batches[0], dict) and len(batches[0]["image"]) == 4
    expected = numpy.frombuffer(contents(records)[0][0][0], "uint8")
    numpy.testing.assert_array_equal(batches[0]["image"][0].ravel() * 255, expected.astype("float32") / 255 * 255)


def test_a_python_collate_function(records):
    def collate(samples):
        return [sample["inputs"].shape for sample in samples]

    with pinfeed.Loader(dataset=records, pipeline=STEPS, batch_size=5, collate_fn=collate) as loader:
        sizes = [len(batch) for batch in loader]
    assert sizes == [5, 5, 5, 5, 4]


def test_labels_of_images(records):
    images = [dict(img_path=record["img_path"], gt_label=i % 3) for i, record in enumerate(records)]
    with pinfeed.Loader(dataset=images, pipeline=[dict(type="Resize", scale=(32, 32))], batch_size=8) as loader:
        labels = [int(sample.gt_label.numpy()[0]) for batch in loader for sample in batch["data_samples"]]
    assert labels == [i % 3 for i in range(24)]


@pytest.mark.parametrize("record, message", [
    (dict(), "a record has neither 'img_path' nor 'img_bytes'"),
    (dict(img_path="a.jpg", bboxes=[[1, 2, 3]], labels=[0]), "a record has 'bboxes' of another shape than (n, 4)"),
    (dict(img_path="a.jpg", bboxes=[[1, 2, 3, 4]]), "a record has bboxes and no labels"),
    (dict(img_path="a.jpg", bboxes=[[1, 2, 3, 4]], labels=[0, 1]), "a record has 1 bboxes and 2 labels"),
    (dict(img_path="a.jpg", bboxes=[[1, 2, 3, 4]], labels=[0.5]), "a record has 'labels' with a number that is no"),
    (dict(img_path="a.jpg", bboxes=[[1, 2, 3, float("nan")]], labels=[0]), "a record has a box that is not finite"),
    (dict(img_path="a.jpg", box=1), "a record has the key 'box'"),
    (dict(img_bytes="a.jpg"), "a record has 'img_bytes' that are no bytes"),
    ("a.jpg", "a record is a str; it must be a dict"),
])
def test_wrong_records(record, message):
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(dataset=[record])
    assert caught.value.message.startswith(message)
    assert caught.value.kind == "data" and caught.value.context == ("loading sample 0",)


def test_bytes_that_are_no_image(records):
    with pinfeed.Loader(dataset=[dict(img_bytes=b"GIF89a...")]) as loader:
        with pytest.raises(pinfeed.Error) as caught:
            next(iter(loader))
    assert caught.value.kind == "data" and "<bytes of sample 0>" in str(caught.value)


def test_functions_stand_at_the_end(records):
    with pytest.raises(pinfeed.Error, match="pipeline.0. is a function; functions stand at the end"):
        pinfeed.Loader(dataset=records, pipeline=[lambda sample: sample, dict(type="RandomFlip", prob=0.5)])
    with pytest.raises(pinfeed.Error, match="the function of the data set has no len"):
        pinfeed.Loader(dataset=lambda index: records[index])


def boxes_of(dataset, **arguments):
    with pinfeed.Loader(dataset=dataset, pipeline=STEPS, **arguments) as loader:
        return [len(sample.gt_instances.bboxes) for batch in loader for sample in batch["data_samples"]]


def test_a_first_record_without_boxes_does_not_drop_those_of_others(records):
    empty = {"img_path": records[0]["img_path"]}
    assert boxes_of([empty, records[1]]) == [0, len(records[1]["bboxes"])]
    with pytest.raises(pinfeed.Error, match=r"record 1 has bboxes, and the first record has none"):
        with pinfeed.Loader(dataset=Function([empty, records[1]]), pipeline=STEPS) as loader:
            list(loader)
    loading = [dict(type="LoadImageFromFile"), dict(type="LoadAnnotations", with_bbox=True), *STEPS]
    with pinfeed.Loader(dataset=Function([empty, records[1]]), pipeline=loading) as loader:
        assert [len(batch["data_samples"][0].gt_instances.bboxes) for batch in loader] == [0, len(records[1]["bboxes"])]


@pytest.mark.parametrize("wrong", [{"bboxes": "x"}, {"img_path": 5}, {"img_path": "a.jpg", "gt_label": "cat"}])
def test_values_of_other_types_are_errors_that_name_the_record(records, wrong):
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(dataset=[records[0], {"img_path": "a.jpg", **wrong}], pipeline=STEPS)
    assert caught.value.kind == "data" and "loading sample 1" in caught.value.context


class Failing(Function):
    """Raises an exception of its own for some records."""

    def __getitem__(self, index):
        if index in (1, 3):
            raise KeyError(f"record {index}")
        return self.records[index]


def test_each_error_has_the_exception_of_its_own_record(records):
    broken = dict(records[0], img_path=records[0]["img_path"] + ".missing")
    causes = []
    with pinfeed.Loader(dataset=Failing([broken, *records[1:6]]), pipeline=STEPS) as loader:
        iteration = iter(loader)
        for _ in range(6):
            try:
                next(iteration)
                causes.append("")
            except pinfeed.Error as error:
                causes.append(str(error.__cause__))
    assert causes == ["None", "'record 1'", "", "'record 3'", "", ""]


def test_the_data_set_is_free_when_the_loader_is(records):
    dataset = Function(records[:4])
    alive = weakref.ref(dataset)
    loader = pinfeed.Loader(dataset=dataset, pipeline=STEPS)
    next(iter(loader))
    del loader, dataset
    gc.collect()
    assert alive() is None
