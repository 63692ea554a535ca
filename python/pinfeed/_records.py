# SPDX-License-Identifier: Apache-2.0
"""A loader without a config: the config of its arguments, and the steps that are Python's."""

from pinfeed import _pinfeed
from pinfeed._config import warn
from pinfeed._error import config_error

_packing = ("Pack", "Collect", "DefaultFormatBundle")


def _type_of(step):
    kind = step.get("type", "") if isinstance(step, dict) else ""
    return str(kind).rsplit(".", 1)[-1]


def _loads_boxes(steps):
    return any(_type_of(step).startswith("LoadAnnotations") for step in steps)


def split_pipeline(pipeline):
    """The steps that are dicts, and the functions behind them. Raises Error (config) for any other order."""
    steps = list(pipeline)
    functions = []
    while steps and callable(steps[-1]) and not isinstance(steps[-1], dict):
        functions.insert(0, steps.pop())
    for position, step in enumerate(steps):
        if not isinstance(step, dict):
            raise config_error(f"pipeline[{position}] is a {type(step).__name__}; functions stand at the end, "
                               "behind the steps that are dicts")
    return steps, functions


def complete_pipeline(steps, record):
    """The steps with those that load and pack, where they are missing. `record` has the keys of the records."""
    names = [_type_of(step) for step in steps]
    record = record if isinstance(record, dict) else {}
    has_boxes = "bboxes" in record
    loading = []
    if not any(name.startswith("LoadImage") for name in names):
        loading.append({"type": "LoadImageFromFile"})
        if has_boxes and not _loads_boxes(steps):
            loading.append({"type": "LoadAnnotations", "with_bbox": True})
    elif has_boxes and not _loads_boxes(steps):
        at = next(i for i, name in enumerate(names) if name.startswith("LoadImage"))
        steps = [*steps[:at + 1], {"type": "LoadAnnotations", "with_bbox": True}, *steps[at + 1:]]
    packing = []
    if not any(name.startswith(_packing) for name in names):
        packing.append({"type": "PackInputs" if "gt_label" in record and not has_boxes else "PackDetInputs"})
    return [*loading, *steps, *packing]


def _without_boxes(function):
    """The function, for a pipeline that loads no boxes because the first record has none."""
    def record_of(index):
        record = function(index)
        if isinstance(record, dict) and "bboxes" in record:
            raise config_error(f"record {index} has bboxes, and the first record has none",
                               help="give every record bboxes, of shape (0, 4) where there are none, or write "
                                    "dict(type='LoadAnnotations', with_bbox=True) into the pipeline")
        return record
    return record_of


def records_of(dataset, steps):
    """The records of a list or a function, and a dict with their keys (of a function those of the first record)."""
    if isinstance(dataset, (list, tuple)):
        records = _pinfeed.Records(dataset)
        return records, {key: None for record in dataset for key in record}
    function = dataset if callable(dataset) else getattr(dataset, "__getitem__", None)
    if function is None:
        raise config_error(f"dataset is a {type(dataset).__name__}; it must be a list of dicts, or a function of the "
                           "index that returns a dict")
    if not hasattr(dataset, "__len__"):
        raise config_error("the function of the data set has no len()",
                           help="give it a class with __call__ and __len__, or with __getitem__ and __len__")
    size = len(dataset)
    first = function(0) if size else None
    has_gt_label = isinstance(first, dict) and "gt_label" in first
    if not _loads_boxes(steps) and isinstance(first, dict) and "bboxes" not in first:
        function = _without_boxes(function)
    return _pinfeed.Records.of_function(function, size, has_gt_label), first


def root_of(record, steps, split, sampler, collate_fn, batch_size, metainfo):
    """The root of the config that the arguments stand for."""
    section = {
        "batch_size": 1 if batch_size is None else batch_size,
        "dataset": {"type": "PythonRecords", "pipeline": complete_pipeline(steps, record),
                    "metainfo": metainfo, "test_mode": split != "train"},
        "sampler": {"type": "DefaultSampler", "shuffle": False} if sampler is None else sampler,
    }
    if collate_fn is not None:
        section["collate_fn"] = collate_fn
    return {f"{split}_dataloader": section}


class PythonSteps:
    """The functions at the end of a pipeline and a collate function of Python, in the thread of the training loop."""

    def __init__(self, functions, collate_fn, stacklevel):
        self._functions = functions
        self._collate_fn = collate_fn
        if functions:
            names = ", ".join(getattr(function, "__name__", type(function).__name__) for function in functions)
            warn(f"{names} runs in Python for each sample, in the thread of the training loop: it is slow",
                 stacklevel=stacklevel + 1)

    def __call__(self, batch):
        samples = _samples_of(batch)
        for function in self._functions:
            samples = [function(sample) for sample in samples]
        if self._collate_fn is not None:
            return self._collate_fn(samples)
        if samples and all(isinstance(sample, dict) for sample in samples):
            return {key: [sample[key] for sample in samples] for key in samples[0]}
        return samples


def _samples_of(batch):
    """The samples of a batch of pseudo_collate, a dict of lists. Tensors are arrays of numpy."""
    columns = {key: [_array(item) for item in column] for key, column in batch.items()}
    count = len(next(iter(columns.values()), []))
    return [{key: column[i] for key, column in columns.items()} for i in range(count)]


def _array(item):
    return item.numpy() if isinstance(item, _pinfeed.Tensor) else item
