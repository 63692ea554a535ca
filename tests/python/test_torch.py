# SPDX-License-Identifier: Apache-2.0
"""pinfeed.torch: batches as torch tensors in plain loops and under torch's DataLoader."""
import os
import pathlib

import pytest

torch = pytest.importorskip("torch", reason="no torch")

import numpy  # noqa: E402

import pinfeed  # noqa: E402
import pinfeed.torch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("PINFEED_DATA") or ROOT.parent / "shared" / "data")
if not DATA.is_dir():
    pytest.skip("no real data; PINFEED_DATA names their folder", allow_module_level=True)


def coco(masks=False, poly2mask=True, **more):
    """A config over 10 pictures of coco128."""
    load = dict(type="LoadAnnotations", with_bbox=True)
    if masks:
        load.update(with_mask=True, poly2mask=poly2mask)
    return dict(train_dataloader=dict(
        batch_size=4, num_workers=0, sampler=dict(type="DefaultSampler", shuffle=True), dataset=dict(
            type="CocoDataset", data_root=str(DATA / "coco128"), ann_file="annotations/instances_train2017.json",
            data_prefix=dict(img="train2017/"), filter_cfg=dict(filter_empty_gt=True, min_size=32), indices=10,
            pipeline=[dict(type="LoadImageFromFile"), load, dict(type="Resize", scale=(160, 128), keep_ratio=True),
                      dict(type="RandomFlip", prob=0.5), dict(type="PackDetInputs")])), **more)


def ids(batch):
    return [sample["metainfo"]["img_id"] for sample in batch["data_samples"]]


def test_batches_are_those_of_the_loader():
    dataset, loader = pinfeed.torch.IterableDataset(coco()), pinfeed.Loader(coco())
    assert len(dataset) == len(loader) == 3
    for _ in range(2):
        for ours, nest in zip(dataset, loader, strict=True):
            assert ids(ours) == ids(nest)
            for image, tensor in zip(ours["inputs"], nest["inputs"], strict=True):
                assert isinstance(image, torch.Tensor) and image.dtype == torch.uint8
                assert numpy.array_equal(image.numpy(), numpy.asarray(tensor))
            for one, other in zip(ours["data_samples"], nest["data_samples"], strict=True):
                assert numpy.array_equal(one["gt_instances"]["bboxes"].numpy(),
                                         numpy.asarray(other["gt_instances"]["bboxes"]))


def test_images_are_views_of_the_batch():
    batch = next(iter(pinfeed.Loader(coco())))
    made = pinfeed.torch.to_torch(batch)
    first = numpy.asarray(batch["inputs"][0])
    assert made["inputs"][0].data_ptr() == first.__array_interface__["data"][0]


@pytest.mark.parametrize("poly2mask", [True, False], ids=["bitmaps", "polygons"])
def test_masks_become_tensors(poly2mask):
    for batch in pinfeed.torch.IterableDataset(coco(masks=True, poly2mask=poly2mask)):
        for image, sample in zip(batch["inputs"], batch["data_samples"]):
            masks, labels = sample["gt_instances"]["masks"], sample["gt_instances"]["labels"]
            assert masks.dtype == torch.uint8 and masks.shape == (len(labels), *image.shape[1:])
            assert masks.max() == 1


def test_detection_batches_are_as_torchvision_takes_them():
    whole = pinfeed.torch.IterableDataset(coco(masks=True))
    detection = pinfeed.torch.IterableDataset(coco(masks=True), convert=pinfeed.torch.to_detection)
    for batch, (images, targets) in zip(whole, detection, strict=True):
        for bgr, image in zip(batch["inputs"], images, strict=True):
            assert image.dtype == torch.float32
            assert torch.equal(image[0], bgr[2].float() / 255)
        for sample, target in zip(batch["data_samples"], targets, strict=True):
            assert torch.equal(target["boxes"], sample["gt_instances"]["bboxes"])
            assert torch.equal(target["labels"], sample["gt_instances"]["labels"] + 1)
            assert target["image_id"].tolist() == [sample["metainfo"]["img_id"]]
            assert torch.equal(target["masks"], sample["gt_instances"]["masks"])


def test_data_loader_without_workers():
    dataset = pinfeed.torch.IterableDataset(coco())
    made = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=0)
    assert [ids(batch) for batch in made] == [ids(batch) for batch in pinfeed.torch.IterableDataset(coco())]


def test_data_loader_with_workers_is_an_error():
    made = torch.utils.data.DataLoader(pinfeed.torch.IterableDataset(coco()), batch_size=None, num_workers=1)
    with pytest.raises(Exception, match="num_workers=0") as caught:
        next(iter(made))
    assert "cannot be made in a worker process" in str(caught.value)


def test_position_is_saved_and_restored():
    whole = [ids(batch) for batch in pinfeed.torch.IterableDataset(coco())]
    dataset = pinfeed.torch.IterableDataset(coco())
    batches = iter(dataset)
    first = [ids(next(batches)) for _ in range(2)]
    state = dataset.state_dict()
    rest = pinfeed.torch.IterableDataset(coco())
    rest.load_state_dict(state)
    assert first + [ids(batch) for batch in rest] == whole
    rest.set_epoch(0)
    assert [ids(batch) for batch in rest] == whole


def test_options_and_loader_exclude_each_other():
    with pytest.raises(pinfeed.Error, match="together with"):
        pinfeed.torch.IterableDataset(coco(), loader=pinfeed.Loader(coco()))


class Event:
    """In the place of torch.cuda.Event: a copy that ends when `ended` is set."""
    made = []

    def __init__(self):
        self.ended, self.recorded = False, False
        Event.made.append(self)

    def record(self):
        self.recorded = True

    def query(self):
        return self.ended


def test_pinned_batches_are_kept_while_a_copy_reads_them(monkeypatch):
    """A non-blocking copy goes on after its tensor is gone; the slot must not be written before it has ended."""
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.Tensor, "is_pinned", lambda self: True)
    monkeypatch.setattr(pinfeed.torch, "in_use_on_gpu", lambda: True)
    Event.made.clear()
    dataset = pinfeed.torch.IterableDataset(coco())
    batches = iter(dataset)
    next(batches)
    assert Event.made == []
    next(batches)
    assert len(Event.made) == 1 and Event.made[0].recorded and len(dataset._transfers) == 1
    Event.made[0].ended = True
    next(batches)
    assert len(dataset._transfers) == 1  # the second one, the first has ended
    batches.close()
    assert len(dataset._transfers) == 2


def test_rank_is_that_of_the_process_group(tmp_path):
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        assert pinfeed.torch.this_rank() == (0, 1)
    finally:
        torch.distributed.destroy_process_group()
    assert pinfeed.torch.this_rank() == (0, 1)
