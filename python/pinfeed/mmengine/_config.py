# SPDX-License-Identifier: Apache-2.0
"""What pinfeed's loader reads of a Runner's config."""

from pinfeed._error import config_error

__all__ = ["NAME", "is_ours", "loader_root", "split_of", "plain"]

NAME = "PinfeedDataLoader"

# The keys of the config's root that change batches, besides the data loader itself.
_root_keys = ("default_scope", "pinfeed", "randomness", "train_cfg", "custom_hooks")


def plain(value):
    """The value with dict, list and tuple of Python, and names in place of classes and functions.

    New-style configs have classes as types. Objects that are no values stay: pinfeed names them in its error.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([plain(item) for item in value]) if type(value) in (list, tuple) else list(map(plain, value))
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return value.__name__
    return value


def is_ours(dataloader):
    """Whether the dictionary of a data loader asks for pinfeed."""
    if not isinstance(dataloader, dict):
        return False
    kind = dataloader.get("type")
    return str(getattr(kind, "__name__", kind)).rpartition(".")[2] == NAME


def split_of(runner, dataloader):
    """Which of the runner's data loaders this dictionary is; "train" for one that the runner does not have."""
    for split in ("train", "val", "test"):
        if getattr(runner, f"_{split}_dataloader", None) is dataloader:
            return split
    for split in ("train", "val", "test"):
        if getattr(runner, f"_{split}_dataloader", None) == dataloader:
            return split
    return "train"


def _hooks(hooks):
    # Hooks can also be objects; only dictionaries are part of the config.
    return [plain(hook) for hook in hooks or () if isinstance(hook, dict)]


def loader_root(dataloader, split, config, seed):
    """The root of a config for pinfeed.Loader: this data loader, and of `config` what changes batches."""
    if not isinstance(dataloader, dict):
        raise config_error(f"the {split}_dataloader is a {type(dataloader).__name__}; it must be a dict",
                           help="give the Runner the dictionary of the config")
    root = {}
    for key in _root_keys:
        value = config.get(key) if config is not None else None
        if value is not None:
            root[key] = _hooks(value) if key == "custom_hooks" else plain(value)
    if seed is not None:
        root["randomness"] = {**root.get("randomness", {}), "seed": int(seed)}
    section = plain(dataloader)
    section.pop("type", None)
    root[f"{split}_dataloader"] = section
    return root
