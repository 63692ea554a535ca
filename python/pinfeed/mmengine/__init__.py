# SPDX-License-Identifier: Apache-2.0
"""OpenMMLab's Runner, fed by pinfeed. Two ways:

    custom_imports = dict(imports=['pinfeed.mmengine'])            # in the config
    train_dataloader = dict(type='PinfeedDataLoader', ...)         # the other keys as they are

    runner = Runner.from_cfg(cfg)                                  # in a program
    pinfeed.mmengine.use(runner)

The import extends Runner.build_dataloader, which mmengine calls for each data loader of a config: a dictionary with
the type above becomes a PinfeedDataLoader. Dictionaries without it are built as before. docs/python_openmmlab.md has more.
"""

import functools

from mmengine.runner import BaseLoop, Runner

from pinfeed._error import config_error
from pinfeed.mmengine import _config
from pinfeed.mmengine._data_loader import PinfeedDataLoader
from pinfeed.mmengine._hook import PinfeedHook

__all__ = ["PinfeedDataLoader", "PinfeedHook", "use"]


class _BuildDataloader:
    """Runner.build_dataloader. mmengine's is a static method; called on a runner, this one has the runner's config."""

    def __init__(self, original):
        self.original = original

    def __get__(self, runner, owner=None):
        @functools.wraps(self.original)
        def build_dataloader(dataloader, seed=None, diff_rank_seed=False):
            if _config.is_ours(dataloader):
                return _build(runner, dataloader, seed)
            return self.original(dataloader, seed, diff_rank_seed)

        return build_dataloader


def _build(runner, dataloader, seed):
    if runner is None:
        return PinfeedDataLoader(dataloader, seed=seed)
    split = _config.split_of(runner, dataloader)
    made = PinfeedDataLoader(dataloader, _root_of(runner), split=split, seed=seed)
    if split == "train":
        runner.register_hook(PinfeedHook(made))
    return made


def _root_of(runner):
    return {**runner.cfg, **getattr(runner, "_pinfeed_root", {})}


def _extend(runner_class):
    original = runner_class.__dict__.get("build_dataloader")
    if original is not None and not isinstance(original, _BuildDataloader):
        runner_class.build_dataloader = _BuildDataloader(original.__func__)


def _extend_runners():
    _extend(Runner)
    try:
        from mmengine.runner import FlexibleRunner
    except ImportError:  # mmengine before 0.8
        return
    _extend(FlexibleRunner)


_extend_runners()


def use(runner, splits=("train",), settings=None):
    """Lets pinfeed make the batches of a Runner, before runner.train(), val() or test() is called.

    splits: which data loaders, of "train", "val", "test". settings: replaces `pinfeed` of the runner's config, for
    example dict(replay='openmmlab'). Returns the runner. Raises pinfeed.Error if a data loader is no dictionary.
    """
    if settings is not None:
        runner._pinfeed_root = {"pinfeed": settings}
    for split in splits:
        if split not in ("train", "val", "test"):
            raise config_error(f"splits names {split!r}; it can name 'train', 'val' and 'test'")
        dataloader = getattr(runner, f"_{split}_dataloader")
        if not isinstance(dataloader, dict):
            raise config_error(f"the runner's {split}_dataloader is {_kind_of(dataloader)}; it must be a dict",
                               help="give the Runner the dictionary of the config")
        dataloader = type(dataloader)({**dataloader, "type": _config.NAME})
        setattr(runner, f"_{split}_dataloader", dataloader)
        loop = getattr(runner, f"_{split}_loop")
        if isinstance(loop, BaseLoop):
            loop.dataloader = runner.build_dataloader(dataloader, seed=runner.seed)
    return runner


def _kind_of(dataloader):
    return "None" if dataloader is None else f"a {type(dataloader).__name__}"
