# SPDX-License-Identifier: Apache-2.0
"""A DataLoader for OpenMMLab's Runner whose batches pinfeed makes."""

import torch
import torch.utils.data
from mmengine.dist import get_rank, get_world_size

from pinfeed._error import config_error
from pinfeed._loader import Loader
from pinfeed.mmengine._config import loader_root
from pinfeed.mmengine._dataset import LoaderDataset
from pinfeed.mmengine._samples import batch_of, plain_boxes
from pinfeed.torch import Transfers, in_use_on_gpu, tensors_of

__all__ = ["PinfeedDataLoader"]


class _Sampler(torch.utils.data.Sampler):
    """What hooks see as the sampler: set_epoch() and the length. The order of the samples is the loader's."""

    def __init__(self, data_loader, size):
        self._data_loader = data_loader
        self._size = size

    def set_epoch(self, epoch):
        """The next iteration gives the batches of this epoch."""
        self._data_loader.set_epoch(epoch)

    def __iter__(self):
        raise config_error("the order of the samples is not known outside pinfeed's loader",
                           help="use OpenMMLab's DataLoader for this")

    def __len__(self):
        return self._size


class PinfeedDataLoader(torch.utils.data.DataLoader):
    """The batches of one of a config's data loaders, for OpenMMLab's models.

    dataloader: its dictionary, as in the config. config: the rest of the config, of which pinfeed, randomness,
    train_cfg and custom_hooks are read. split: "train", "val" or "test". seed: None: that of the config, or else 0.
    rank, world_size: None: those of the process group.

    An iteration gives the batches of one epoch: of the one that was set by sampler.set_epoch(), as hooks do it, else
    of the next one. len() is the number of batches. dataset has metainfo and a length. Raises pinfeed.Error.
    """

    def __init__(self, dataloader, config=None, *, split="train", seed=None, rank=None, world_size=None):
        self._arguments = (dataloader, config, split)
        self._ranks = (get_rank() if rank is None else rank, get_world_size() if world_size is None else world_size)
        root = loader_root(dataloader, split, config, seed)
        section = root[f"{split}_dataloader"]
        loader = Loader(root, split=split, rank=self._ranks[0], world_size=self._ranks[1])
        self.loader = loader
        self._plain = plain_boxes([section, root.get("custom_hooks")])
        # Images are views with interleaved channels. Replay gives OpenMMLab's layout too, on which the last bits of a
        # convolution may depend.
        self._planar = root.get("pinfeed", {}).get("replay") == "openmmlab"
        self._transfers = Transfers()
        self._position = (0, 0)
        self._set = True  # the next iteration begins at _position
        self._drew_seed = False
        samples = loader.samples if loader.endless else -(-loader.samples // self._ranks[1])
        super().__init__(LoaderDataset(dataloader["dataset"], loader, root.get("custom_hooks", ())),
                         batch_size=loader.batch_size, sampler=_Sampler(self, samples), num_workers=0,
                         collate_fn=_no_collate, pin_memory=bool(section.get("pin_memory", False)),
                         drop_last=bool(section.get("drop_last", False)))
        # No workers are started; these are for those who ask.
        self.num_workers = section.get("num_workers", 0)
        self._keeps_workers = bool(section.get("persistent_workers", False))

    def reseed(self, seed):
        """Makes the loader anew with another seed, if it has another one."""
        if seed is None or seed == self.loader.seed:
            return
        self.loader.close()
        dataloader, config, split = self._arguments
        self.loader = Loader(loader_root(dataloader, split, config, seed), split=split, rank=self._ranks[0],
                             world_size=self._ranks[1])

    @property
    def position(self):
        """(epoch, batch) of the batch that comes next. At the end of an epoch batch is the length."""
        return self._position

    @property
    def started(self):
        """Whether iter() has been called."""
        return self._drew_seed

    def set_epoch(self, epoch):
        """The next iteration begins with this epoch; within it, if it was set by seek().

        As with OpenMMLab's InfiniteSampler, this does nothing to an endless order.
        """
        if self.loader.endless:
            return
        if not (self._set and self._position[0] == epoch):
            self._position = (epoch, 0)
        self._set = True

    def seek(self, epoch, batch):
        """The next iteration begins with this batch; it is empty if batch is the length."""
        self._position = (epoch, batch)
        self._set = True

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        self._draw_seed()
        return self.batches()

    def _draw_seed(self):
        # torch's DataLoader takes a number from torch's generator for each start of its workers. Taking it too keeps
        # the random numbers of the model the same.
        if not (self._drew_seed and self._keeps_workers):
            torch.empty((), dtype=torch.int64).random_()
        self._drew_seed = True

    def batches(self):
        """The iteration, without taking a number from torch's generator."""
        if not self._set and self._position[1] > 0 and not self.loader.endless:
            self._position = (self._position[0] + 1, 0)
        self._set = False
        epoch, batch = self._position
        if not self.loader.endless and batch >= len(self):
            return
        self.loader.load_state_dict({"epoch": epoch, "batch": batch})
        for nest in self.loader:
            batch += 1
            self._position = (epoch, batch)
            yield from self._handed_out(nest)

    def _handed_out(self, nest):
        made = batch_of(nest, self._plain)
        if self._planar:
            made = _map_tensors(made, torch.Tensor.contiguous)
        made = self._pinned(made)
        del nest
        try:
            yield made
        finally:
            if in_use_on_gpu():
                self._transfers.end_of_use(tensors_of(made))

    def _pinned(self, made):
        if not (self.pin_memory and torch.cuda.is_available()):
            return made
        return _map_tensors(made, lambda tensor: tensor if tensor.is_pinned() else tensor.pin_memory())


def _map_tensors(nest, function):
    if isinstance(nest, torch.Tensor):
        return function(nest)
    if type(nest) is dict:
        return {key: _map_tensors(value, function) for key, value in nest.items()}
    if type(nest) in (list, tuple):
        return type(nest)(_map_tensors(item, function) for item in nest)
    return nest


def _no_collate(_):
    raise config_error("batches come from pinfeed's loader, not from samples")
