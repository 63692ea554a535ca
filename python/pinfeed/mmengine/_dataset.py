# SPDX-License-Identifier: Apache-2.0
"""What a Runner asks the data set of its data loader for."""

import copy

from mmengine.registry import DATASETS

from pinfeed._error import config_error

__all__ = ["LoaderDataset"]

_switch_hooks = ("PipelineSwitchHook", "YOLOXModeSwitchHook")


def _without_data(config):
    """The data set's config so that building it opens no file."""
    config = copy.copy(config)
    inner = config.get("dataset", config.get("datasets"))
    if inner is None:
        config["lazy_init"] = True
    elif isinstance(inner, dict):
        config["dataset"] = _without_data(inner)
        config["lazy_init"] = True
    else:
        config["datasets"] = [_without_data(one) for one in inner]
        config["lazy_init"] = True
    return config


class LoaderDataset:
    """Stands for the data set in hooks, loops and evaluators: length and metainfo, without reading annotations again.

    Anything else is asked of OpenMMLab's own data set, which is built, and reads its files, at that moment.
    """

    def __init__(self, config, loader, hooks=()):
        self._config = config
        self._samples = loader.samples
        self._classes = tuple(loader.classes)
        self._switches = any(_type_name(hook) in _switch_hooks for hook in hooks)
        self._empty = None
        self._full = None

    def __len__(self):
        return self._samples

    def full_init(self):
        """Nothing is left to do: the loader has read the annotations."""

    @property
    def metainfo(self):
        """The metainfo of OpenMMLab's data set."""
        found = self._built().metainfo
        if self._classes and found.get("classes") is None:
            found["classes"] = self._classes  # those that the data set finds among its folders
        return found

    def _built(self):
        if self._full is not None:
            return self._full
        if self._empty is None:
            self._empty = DATASETS.build(_without_data(self._config))
        return self._empty

    def _with_data(self):
        if self._full is None:
            self._full = DATASETS.build(copy.deepcopy(self._config))
            if hasattr(self._full, "full_init"):
                self._full.full_init()
        return self._full

    def __getitem__(self, index):
        return self._with_data()[index]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._with_data(), name)

    @property
    def pipeline(self):
        """The pipeline of OpenMMLab's data set."""
        return self._built().pipeline

    @pipeline.setter
    def pipeline(self, _):
        self._check_switch("a hook has replaced the pipeline of the data set")

    def update_skip_type_keys(self, _):
        """YOLOXModeSwitchHook calls this; the loader reads the hook in the config and leaves the steps out."""
        self._check_switch("a hook has removed steps from the pipeline")

    def _check_switch(self, what):
        if not self._switches:
            raise config_error(f"{what}, which does not change the batches of pinfeed",
                               help="name PipelineSwitchHook or YOLOXModeSwitchHook in custom_hooks of the config")


def _type_name(hook):
    kind = hook.get("type")
    return str(getattr(kind, "__name__", kind)).rpartition(".")[2]
