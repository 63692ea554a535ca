# SPDX-License-Identifier: Apache-2.0
"""Batches as torch tensors: an IterableDataset for plain loops and torch's DataLoader."""

import collections

import torch
import torch.utils.data

from pinfeed._error import config_error
from pinfeed._loader import Loader
from pinfeed._nest import DataContainer
from pinfeed._pinfeed import Element, Masks, Tensor

__all__ = ["IterableDataset", "to_detection", "to_torch", "this_rank"]


def to_torch(nest):
    """The same nest with torch tensors. They are views of the batch's memory.

    Elements such as a DetDataSample become dicts of their fields, masks become uint8 tensors (N, H, W), and a
    DataContainer has torch tensors in its data.
    """
    if isinstance(nest, Tensor):
        return torch.from_dlpack(nest)
    if isinstance(nest, (dict, Element)):
        return {key: to_torch(value) for key, value in nest.items()}
    if isinstance(nest, list):
        return [to_torch(item) for item in nest]
    if isinstance(nest, tuple):
        items = [to_torch(item) for item in nest]
        return type(nest)(*items) if hasattr(nest, "_fields") else tuple(items)
    if isinstance(nest, Masks):
        return torch.from_dlpack(nest.to_tensor())
    if isinstance(nest, DataContainer):
        return DataContainer(to_torch(nest.data), nest.stack, nest.padding_value, nest.cpu_only, nest.pad_dims)
    return nest


def to_detection(batch):
    """(images, targets) as torchvision's detectors take them, from a batch of PackDetInputs.

    images: float32 tensors (3, H, W), RGB, 0 to 1. targets: dicts with boxes (N, 4) float32, labels (N) int64 counted
    from 1, because 0 is torchvision's background, image_id (1) int64, and masks (N, H, W) uint8 where there are masks.
    """
    images, targets = [], []
    for image, sample in zip(batch["inputs"], batch["data_samples"]):
        objects = sample["gt_instances"]
        # PackDetInputs has the channels of OpenCV: blue, green, red.
        images.append(torch.from_dlpack(image).flip(0).float().div_(255))
        target = {"boxes": torch.from_dlpack(objects["bboxes"]).clone(),
                  "labels": torch.from_dlpack(objects["labels"]) + 1,
                  "image_id": torch.tensor([sample["metainfo"]["img_id"]])}
        if "masks" in objects:
            target["masks"] = torch.from_dlpack(objects["masks"].to_tensor())
        targets.append(target)
    return images, targets


def this_rank():
    """(rank, world size) of torch.distributed; (0, 1) without a process group."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def tensors_of(nest):
    """All torch tensors in dicts, lists and tuples."""
    if isinstance(nest, torch.Tensor):
        yield nest
    elif isinstance(nest, dict):
        for value in nest.values():
            yield from tensors_of(value)
    elif isinstance(nest, (list, tuple)):
        for item in nest:
            yield from tensors_of(item)


class Transfers:
    """Keeps a batch in page-locked memory until the copies to a GPU that were started from it on the current stream
    have ended. A program that copies on another stream waits for that itself before it asks for the next batch.

    With `tensor.to(device, non_blocking=True)` the copy goes on after the tensor is gone, and the loader would write
    the next batch into its memory.
    """

    def __init__(self):
        self._kept = collections.deque()

    def end_of_use(self, tensors):
        """The loop has asked for the next batch: from here on nothing new is started from these tensors."""
        while self._kept and self._kept[0][0].query():
            self._kept.popleft()
        pinned = [tensor for tensor in tensors if tensor.device.type == "cpu" and tensor.is_pinned()]
        if pinned:
            event = torch.cuda.Event()
            event.record()
            self._kept.append((event, pinned))

    def __len__(self):
        return len(self._kept)


def in_use_on_gpu():
    """Whether copies to a GPU are possible: a process that has not used CUDA has none."""
    return torch.cuda.is_initialized()


class IterableDataset(torch.utils.data.IterableDataset):
    """The batches of a config as torch tensors: one epoch per iteration.

        for batch in pinfeed.torch.IterableDataset("config.py"): ...
        DataLoader(pinfeed.torch.IterableDataset("config.py"), batch_size=None, num_workers=0)

    config and options: as pinfeed.Loader's. rank and world_size are by default those of torch.distributed.
    convert: makes what is yielded from a batch of the loader: to_torch, to_detection, or a function of your own.
    loader: a pinfeed.Loader, instead of config and options.

    The loader has threads of its own: num_workers of a DataLoader must be 0. state_dict() and load_state_dict() are
    those of the loader.
    """

    def __init__(self, config=None, *, convert=to_torch, loader=None, **options):
        super().__init__()
        if loader is not None and (config is not None or options):
            raise config_error("loader is given together with config or options of a loader")
        if loader is None:
            rank, world_size = this_rank()
            options.setdefault("rank", rank)
            options.setdefault("world_size", world_size)
            loader = Loader(config, **options)
        self.loader = loader
        self.convert = convert
        self._transfers = Transfers()

    def __iter__(self):
        if torch.utils.data.get_worker_info() is not None:
            raise config_error("pinfeed's batches cannot be made in a worker process of a DataLoader",
                               help="use DataLoader(dataset, batch_size=None, num_workers=0), or iterate over the "
                                    "dataset: the loader has threads of its own")
        return self._batches(iter(self.loader))

    def _batches(self, nests):
        for nest in nests:
            converted = self.convert(nest)
            del nest  # the slot is free when the loop has dropped the batch
            try:
                yield converted
            finally:
                if in_use_on_gpu():
                    self._transfers.end_of_use(tensors_of(converted))
            del converted

    def __len__(self):
        return len(self.loader)

    def set_epoch(self, epoch):
        """The next iteration gives the batches of this epoch, counted from 0."""
        self.loader.set_epoch(epoch)

    def state_dict(self):
        """The position of the batch that comes next."""
        return self.loader.state_dict()

    def load_state_dict(self, state):
        """Continues at the exact batch of a state_dict()."""
        self.loader.load_state_dict(state)

    def close(self):
        """Stops the loader's threads."""
        self.loader.close()
