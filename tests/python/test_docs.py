# SPDX-License-Identifier: Apache-2.0
"""The code of docs/python.md and of the README runs."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def blocks(name):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)


def test_the_code_of_the_page_runs(shapes, config, tmp_path, monkeypatch):
    (tmp_path / "shapes").symlink_to(shapes)
    (tmp_path / "config.py").symlink_to(config)
    monkeypatch.chdir(tmp_path)
    names, skipped = {}, 0
    code = blocks("docs/python.md")
    assert len(code) >= 6
    for block in code:
        if "import torch" in block:
            try:
                import torch  # noqa: F401
            except ImportError:
                skipped += 1
                continue
        exec(compile(block, "docs/python.md", "exec"), names)
    assert len(names["lr"]) == 24
    (tmp_path / "my_config.py").symlink_to(config)
    assert len(blocks("README.md")) == 1
    exec(compile(blocks("README.md")[0], "README.md", "exec"), names)
    assert len(names["images"]) == 4
    if skipped:
        pytest.skip("torch is absent: its block was left out")
