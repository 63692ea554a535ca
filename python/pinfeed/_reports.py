# SPDX-License-Identifier: Apache-2.0
"""What is known about the machine and about the parts that configs can name."""

from pinfeed import _pinfeed


def memory_report():
    """Measures the memory of the machine, which takes about a second: a dict with the keys of `pinfeed memory --json`.

    rates: bytes per second of each kind of copy, None where the machine cannot do it. allocate_seconds_per_gib: of
    pageable, pinned and pooled memory. backend, device, ram_bytes, lockable_bytes, page_bytes, huge_page_bytes.
    """
    return _pinfeed.memory_report()


def list_parts():
    """The parts that configs can name: {kind: {name: {"summary": str, "keys": {key: {...}}}}}.

    The documentation of a key: its type, default (empty: required), meaning, and use: "used", "accepted" (what it asks
    for is done in every case) or "refused".
    """
    return _pinfeed.list_parts()
