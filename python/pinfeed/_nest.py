# SPDX-License-Identifier: Apache-2.0
"""The classes of a batch that are Python's own."""

_named_tuples = {}


class DataContainer:
    """mmcv 1.x's container, with its fields.

    data: what it contains. stack: whether the data are stacked. padding_value: what pads them. cpu_only: whether
    they stay on the CPU. pad_dims: how many of the last axes were padded, or None.
    """

    __slots__ = ("data", "stack", "padding_value", "cpu_only", "pad_dims")

    def __init__(self, data, stack=False, padding_value=0, cpu_only=False, pad_dims=2):
        self.data = data
        self.stack = stack
        self.padding_value = padding_value
        self.cpu_only = cpu_only
        self.pad_dims = pad_dims

    def __repr__(self):
        return f"DataContainer({self.data!r})"


def named_tuple(name, fields):
    """A named tuple of this type with these fields."""
    key = (name, tuple(fields))
    if key not in _named_tuples:
        from collections import namedtuple
        _named_tuples[key] = namedtuple(name, list(fields))
    return _named_tuples[key](**fields)
