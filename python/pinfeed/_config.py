# SPDX-License-Identifier: Apache-2.0
"""Configs of OpenMMLab."""

import os

from pinfeed import _pinfeed
from pinfeed._error import Warning


class DottedName(str):
    """The full name of a class or function that a config imports."""


class ConfigDict(dict):
    """A dict whose keys are attributes too, as mmengine's."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the config has no key '{name}' here") from None

    def __setattr__(self, name, value):
        self[name] = _attributes(value)

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"the config has no key '{name}' here") from None


def _attributes(value):
    if type(value) is dict:
        return ConfigDict((key, _attributes(item)) for key, item in value.items())
    if type(value) is list:
        return [_attributes(item) for item in value]
    if type(value) is tuple:
        return tuple(_attributes(item) for item in value)
    return value


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if type(value) is list:
        return [_plain(item) for item in value]
    if type(value) is tuple:
        return tuple(_plain(item) for item in value)
    return value


class Config(ConfigDict):
    """A config as OpenMMLab reads it: bases merged, options applied. Nothing of it is run.

    It is a dict with attributes that can be changed. Unchanged values keep the place where they are written, so that
    errors name file and line.
    """

    @staticmethod
    def fromfile(path, cfg_options=None):
        """Reads a config file.

        cfg_options: a dict of values that replace those of the file: {"train_dataloader.batch_size": 4}. Its str stay
        str. Raises Error (config) with file, line and column.
        """
        return _from_file(path, cfg_options, 3)

    @property
    def filename(self):
        """The path of the file; None for a config that was not read from one."""
        read = _read_of(self)
        return None if read is None else read.path

    def source(self, path):
        """Where the value at `path` ("train_dataloader.dataset.pipeline.0.type") is written: (file, line), or None.

        Raises Error (config) if the config had no such value when it was read.
        """
        read = _read_of(self)
        return None if read is None else read.source(path)

    def to_dict(self):
        """The config as plain dicts, lists and tuples."""
        return _plain(self)

    def __reduce__(self):
        return Config, (self.to_dict(),)


def _read_of(config):
    return config.__dict__.get("_read") if isinstance(config, Config) else None


def warn(text, stacklevel):
    """Gives a text of the engine to Python's warnings. stacklevel: as that of warnings.warn() in the caller."""
    import warnings
    warnings.warn(text, Warning, stacklevel=stacklevel + 1)


def _from_file(path, cfg_options, stacklevel):
    read = _pinfeed.read_config(os.fspath(path), cfg_options)
    config = Config((key, _attributes(value)) for key, value in read.root.items())
    dict.__setattr__(config, "_read", read)
    for text in read.warnings:
        warn(text, stacklevel)
    return config


def as_config(config, cfg_options=None):
    """The config of a path, a Config or a dict, and how it was read (or None). Its caller is a function of users."""
    if isinstance(config, (str, bytes, os.PathLike)):
        config = _from_file(config, cfg_options, 4)
        return config, _read_of(config)
    read = _read_of(config)  # of a copy with options, too: other values keep their places
    if cfg_options:
        config = Config(_attributes(_pinfeed.with_options(config, cfg_options)))
    return config, read
