# SPDX-License-Identifier: Apache-2.0
"""The data loader."""

import atexit
import sys
import weakref

from pinfeed import _pinfeed
from pinfeed._config import as_config, warn
from pinfeed._error import Error, config_error

_open = weakref.WeakSet()

# A position means the same batch where these are the same.
_same_batches = ("seed", "world_size", "batch_size", "samples")


# The threads of a loader end before the interpreter does.
@atexit.register
def _close_all():
    for loader in list(_open):
        loader.close()


# A program that has not imported logging does not log.
def _log(text, *values):
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("pinfeed").info(text, *values)


class _Batches:
    """An iteration over the batches from the loader's position to the end of the epoch."""

    __slots__ = ("_loader", "_core", "_number")

    def __init__(self, loader, core):
        self._loader = loader
        self._core = core
        self._number = core.begin()

    def __iter__(self):
        return self

    def __next__(self):
        core = self._core
        try:
            batch = core.next(self._number)
        except Error as error:
            cause = core.take_exception()
            if cause is None:
                raise
            raise error from cause
        if core.has_warnings:
            self._loader._warn(2)
        if batch is None:
            self._loader._log_epoch()
            raise StopIteration
        return batch


class _PythonBatches(_Batches):
    """The same, with the steps of Python behind the engine's."""

    __slots__ = ()

    def __next__(self):
        return self._loader._python_steps(super().__next__())


class Loader:
    """Makes batches: plans, reads, decodes, augments and collates them in threads of its own.

    An iteration yields the batches of one epoch, the next iteration those of the next epoch. If an iteration is left
    within an epoch, the next one begins the next epoch. A batch is a nest of dict, list, tuple, str and numbers as the
    collate function makes it; its tensors are pinfeed.Tensor, over memory that is used again when the last view is
    gone. If a program keeps all batches, further ones are copied, with one warning.

    config: the path of a config, a Config, or a dict with the root of a config.
    split: "train", "val" or "test": which data loader of the config.
    cfg_options: values that replace those of the config: {"train_dataloader.batch_size": 4}.
    seed, threads: None: those of the config, or else 0, and one thread per CPU that the process may use.
    rank, world_size: the loader takes the samples of this rank of so many.

    Without a config:

    dataset: a list of dicts, or an object with __len__ and __getitem__ or __call__ that returns them by index. The keys
        of a record: img_path (or img_bytes, the bytes of a JPEG or PNG file), bboxes ((n, 4): x1, y1, x2, y2 in
        pixels), labels ((n,)), ignore ((n,) flags), img_id, gt_label. A function is called in the thread that iterates.
    pipeline: steps as in a config. Those that load and pack are added where they are missing. Functions may stand at
        the end: they get and return the dict of a sample, with arrays of numpy, and are slow.
    sampler: as in a config; None: in order.
    collate_fn: as in a config, or a function of the list of samples; None: lists.
    batch_size: samples of a batch; None: 1.
    metainfo: dict(classes=(...)), as in a config.

    Batches are a function of (config, seed, epoch, index of the batch), for any number of threads.
    Raises Error.
    """

    def __init__(self, config=None, *, split="train", cfg_options=None, seed=None, threads=None, rank=0,
                 world_size=1, dataset=None, pipeline=None, sampler=None, collate_fn=None, batch_size=None,
                 metainfo=None):
        if split not in ("train", "val", "test"):
            raise config_error(f"split is {split!r}; it must be 'train', 'val' or 'test'")
        self._python_steps = None
        records = None
        if dataset is None:
            given = {"pipeline": pipeline, "sampler": sampler, "collate_fn": collate_fn, "batch_size": batch_size,
                     "metainfo": metainfo}
            names = [name for name, value in given.items() if value is not None]
            if names:
                raise config_error(f"{', '.join(names)} without dataset", help="a config has its own: use cfg_options")
            if config is None:
                raise config_error("neither config nor dataset is given")
            root, read = as_config(config, cfg_options)
        else:
            if config is not None:
                raise config_error("both config and dataset are given")
            root, read, records = self._without_config(dataset, pipeline, sampler, collate_fn, batch_size, metainfo,
                                                       split, cfg_options)
        self._core = _pinfeed.LoaderCore(root, read, f"{split}_dataloader", seed, threads, rank, world_size, records)
        self._warn(2)
        _open.add(self)
        _log("%s_dataloader: %d samples, batches of %d, %d threads, rank %d of %d", split, self.samples,
             self.batch_size, self.threads, self.rank, self.world_size)

    def _without_config(self, dataset, pipeline, sampler, collate_fn, batch_size, metainfo, split, cfg_options):
        from pinfeed import _records
        steps, functions = _records.split_pipeline(pipeline or [])
        records, first = _records.records_of(dataset, steps)
        in_python = callable(collate_fn) and not isinstance(collate_fn, dict)
        if functions and collate_fn is not None and not in_python:
            raise config_error("collate_fn is a dict, and the pipeline ends with functions",
                               help="collate_fn must be a function of the list of samples, or None")
        root = _records.root_of(first, steps, split, sampler, None if in_python else collate_fn, batch_size, metainfo)
        if functions or in_python:
            self._python_steps = _records.PythonSteps(functions, collate_fn, 3)
        root, read = as_config(root, cfg_options)
        return root, read, records

    def _log_epoch(self):
        if "logging" in sys.modules:
            stats = self._core.stats()
            _log("end of epoch %d: %.1f images/s since the first batch; %s", self.epoch - 1,
                 stats["images_per_second"], stats["verdict"])

    def _warn(self, stacklevel):
        for text in self._core.take_warnings():
            warn(text, stacklevel=stacklevel + 1)

    def __iter__(self):
        return (_Batches if self._python_steps is None else _PythonBatches)(self, self._core)

    def __len__(self):
        """The number of batches of an epoch. For an endless sampler that of one pass over the data set."""
        return self._core.batches_per_epoch

    def set_epoch(self, epoch):
        """Continues at the start of this epoch, counted from 0. Costs nothing if the loader is there.

        A sampler without an end has no epochs: then this does nothing.
        """
        if not self.endless and self._core.position() != (epoch, 0):
            self._core.seek(epoch, 0)

    def state_dict(self):
        """The position of the batch that comes next, for load_state_dict(). Batches made ahead do not count."""
        epoch, batch = self._core.position()
        return {"epoch": epoch, "batch": batch, **{key: getattr(self, key) for key in _same_batches}}

    def load_state_dict(self, state):
        """Continues at the exact batch of a state_dict(). Raises Error (config) for a state of other batches."""
        for key in ("epoch", "batch"):
            if key not in state:
                raise config_error(f"the state has no '{key}'", help="give it what state_dict() returned")
        for key in _same_batches:
            if key in state and state[key] != getattr(self, key):
                raise config_error(f"the state has {key} {state[key]}, the loader {getattr(self, key)}: "
                                   "its batches are others")
        self._core.seek(state["epoch"], state["batch"])

    def stats(self):
        """What the loader did: a dict.

        batches: those of all iterations; since the first of them: images, seconds, images_per_second; stages: busy_seconds and wait_seconds of each stage over its
        threads; copied_batches: those that were copied because all slots were in use; verdict: what limits the speed,
        in one sentence, as `pinfeed bench` prints it.
        """
        return self._core.stats()

    def close(self):
        """Stops the threads. Batches stay valid."""
        self._core.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def epoch(self):
        """The epoch of the batch that comes next, counted from 0."""
        return self._core.position()[0]

    @property
    def batches_per_epoch(self):
        """The number of batches of an epoch."""
        return self._core.batches_per_epoch

    @property
    def batch_size(self):
        """The samples of a full batch."""
        return self._core.batch_size

    @property
    def samples(self):
        """The number of samples of the data set."""
        return self._core.samples

    @property
    def classes(self):
        """The names of the labels, in their order."""
        return self._core.classes

    @property
    def seed(self):
        """The seed of all random numbers."""
        return self._core.seed

    @property
    def rank(self):
        """The rank whose samples it takes."""
        return self._core.rank

    @property
    def world_size(self):
        """The number of ranks that share the data set."""
        return self._core.world_size

    @property
    def threads(self):
        """The number of threads that render images."""
        return self._core.threads

    @property
    def endless(self):
        """Whether the sampler has no end: an iteration never ends."""
        return self._core.endless
