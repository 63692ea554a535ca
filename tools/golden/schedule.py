#!/usr/bin/env python3
"""Writes tests/golden/schedule.json from the reference values of the schedulers.

    tools/golden/schedule.py LR_REFERENCE.json

The reference holds values read from optimizer.param_groups while mmengine's own scheduler classes ran
(its `meta` says which version). Kept here: what the tests read, one case a line, floats as Python's
repr writes them, which reads back to the same double.
"""
import json
import pathlib
import sys

KEPT = ("cases", "runner_cases", "extension_cases", "errors")


def main() -> None:
    reference = json.loads(pathlib.Path(sys.argv[1]).read_text())
    lines = ['{"meta": ' + json.dumps(reference["meta"])]
    for name in KEPT:
        rows = ",\n".join(json.dumps(case) for case in reference[name])
        lines.append(f'"{name}": [\n{rows}\n]')
    target = pathlib.Path(__file__).parents[2] / "tests" / "golden" / "schedule.json"
    target.write_text(",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
