# SPDX-License-Identifier: Apache-2.0
"""The code in docs/python_openmmlab.md runs, and the examples for torchvision."""
import difflib
import os
import pathlib
import re
import subprocess
import sys

import pytest

import openmmlab
from openmmlab import DATA, ROOT

EXAMPLES = ROOT / "examples" / "python"
BEFORE, AFTER = EXAMPLES / "torchvision_data_loader.py", EXAMPLES / "torchvision_pinfeed.py"


def code_of(section):
    """The Python code of a section, in one piece."""
    text = (ROOT / "docs" / "python_openmmlab.md").read_text()
    body = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL).group(1)
    return "\n".join(re.findall(r"^```python\n(.*?)^```", body, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("section", ["OpenMMLab", "PyTorch"])
def test_code_of_the_docs_runs(section, tmp_path, monkeypatch):
    if section == "OpenMMLab":
        openmmlab.needed()
    pytest.importorskip("torch", reason="no torch")
    if DATA.resolve() != (ROOT.parent / "shared" / "data").resolve() or not DATA.is_dir():
        pytest.skip("no real data in ../shared/data, which the code names")
    monkeypatch.chdir(ROOT)
    code = code_of(section)
    assert "pinfeed" in code
    names = dict(work_dir=str(tmp_path))
    exec(compile(code, f"docs/python_openmmlab.md, {section}", "exec"), names)
    if section == "OpenMMLab":
        assert names["runner"].iter == 20
        assert type(names["runner"].train_dataloader).__name__ == "PinfeedDataLoader"


def test_three_lines_replace_the_data_loader():
    differences = [line for line in difflib.ndiff(BEFORE.read_text().splitlines(), AFTER.read_text().splitlines())
                   if "torchvision_" not in line and "Fine-tunes" not in line and line[2:].strip()]
    assert sum(line.startswith("+ ") for line in differences) == 3
    assert sum(line.startswith("- ") for line in differences) >= 20


@pytest.mark.parametrize("example", [BEFORE, AFTER], ids=["data loader of torch", "pinfeed"])
def test_example_trains(example):
    stub = pathlib.Path(sys.prefix) / "stub"
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    if stub.is_dir():
        environment["LD_LIBRARY_PATH"] = str(stub)
    probe = subprocess.run([sys.executable, "-c", "import torchvision, PIL; torchvision.ops.nms"], env=environment,
                           capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"torchvision cannot be imported: {probe.stderr.splitlines()[-1]}")
    if not (DATA / "bccd").is_dir():
        pytest.skip("no BCCD; PINFEED_DATA names the folder of real data")
    ran = subprocess.run([sys.executable, str(example), str(DATA / "bccd"), "--epochs", "2", "--iterations", "2"],
                         cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    losses = [float(line.rpartition(" ")[2]) for line in ran.stdout.splitlines()]
    assert len(losses) == 4 and all(0 < loss < 100 for loss in losses)
