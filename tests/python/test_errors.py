# SPDX-License-Identifier: Apache-2.0
"""Errors and warnings."""

import pickle
import subprocess
import warnings

import pytest

import pinfeed
from conftest import CONFIG, PROGRAM


def test_an_error_prints_as_on_the_command_line(shapes, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(CONFIG.format(root=shapes).replace("scale=(96, 64)", "scal=(96, 64)"))
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(path)
    error = caught.value
    done = subprocess.run([PROGRAM, "batches", path, "--limit", "1"], capture_output=True, text=True, check=False)
    assert str(error) == done.stderr.strip()
    assert error.exit_code == done.returncode == 2
    assert error.kind == "config"
    assert "scal" in error.message and error.help.startswith("did you mean 'scale'?")
    assert error.source[0] == str(path) and error.source[1] == 15
    assert error.config_path == "train_dataloader.dataset.pipeline[2].scal"
    assert isinstance(error, RuntimeError)


def test_the_error_of_a_sample_comes_at_its_batch(shapes, config, tmp_path):
    import shutil
    broken = tmp_path / "shapes"
    shutil.copytree(shapes, broken)
    with pinfeed.Loader(config) as loader:
        path = list(loader)[2]["data_samples"][1].metainfo["img_path"]
    (broken / "train" / path.rsplit("/", 1)[1]).write_bytes(b"\xff\xd8\xff no image")
    options = {"train_dataloader.dataset.data_root": f"{broken}/"}
    with pinfeed.Loader(config, cfg_options=options) as loader:
        iteration = iter(loader)
        next(iteration), next(iteration)
        with pytest.raises(pinfeed.Error) as caught:
            next(iteration)
        assert caught.value.kind == "data" and caught.value.exit_code == 3
        assert "filling batch 2 of epoch 0" in caught.value.context
        assert any(entry.startswith("loading sample ") for entry in caught.value.context)
        assert len(list(iteration)) == 3


def test_errors_can_be_pickled():
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader("missing.py")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)


def test_warnings_go_through_warnings(config):
    with pytest.warns(pinfeed.Warning, match="seats=4 is read as prefetch=3") as caught:
        pinfeed.Loader(config, cfg_options={"pinfeed.seats": 4})
    assert caught[0].filename == __file__


def test_without_a_reason_there_is_no_warning(config):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pinfeed.Loader(config) as loader:
            for _ in loader:
                pass


def test_the_logger_gets_a_line_for_loader_and_epoch(config, caplog):
    with caplog.at_level("INFO", logger="pinfeed"):
        with pinfeed.Loader(config, threads=1) as loader:
            for _ in loader:
                pass
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "train_dataloader: 24 samples, batches of 4, 1 threads, rank 0 of 1"
    assert len(lines) == 2 and lines[1].startswith("end of epoch 0: ") and loader_verdict(lines[1])


def loader_verdict(line):
    return "bottleneck" in line or "the render threads wait for files or cores" in line


@pytest.mark.parametrize("arguments, message", [
    (dict(split="training"), "split is 'training'; it must be 'train', 'val' or 'test'"),
    (dict(seed=-1), "seed is -1; it must be from 0"),
    (dict(threads=0), "threads is 0; it must be from 1 to 1024"),
    (dict(rank=2, world_size=2), "rank is 2; it must be from 0 to 1"),
    (dict(batch_size=2), "batch_size without dataset"),
    (dict(dataset=[]), "both config and dataset are given"),
    (dict(split="val"), "the config has no val_dataloader"),
])
def test_wrong_arguments(config, arguments, message):
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(config, **arguments)
    assert caught.value.message.startswith(message)
    assert caught.value.kind == "config"


def test_a_closed_loader_says_so(config):
    loader = pinfeed.Loader(config)
    iteration = iter(loader)
    loader.close()
    loader.close()
    with pytest.raises(pinfeed.Error, match="the loader is closed"):
        next(iteration)


@pytest.mark.parametrize("state", [{}, {"epoch": 0}, {"epoch": 0, "batch": -1}, {"epoch": -1, "batch": 0},
                                   {"epoch": 0, "batch": 1, "batch_size": 8}, {"epoch": 0, "batch": 1, "samples": 5}])
def test_states_of_other_batches_are_refused(loader, state):
    with pytest.raises(pinfeed.Error):
        loader.load_state_dict(state)
    assert loader.state_dict()["epoch"] == 0


def test_options_of_a_config_keep_the_places_of_other_values(config, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(config.read_text().replace("'CocoDataset'", "'NoDataset'"))
    read = pinfeed.Config.fromfile(path)
    with pytest.raises(pinfeed.Error) as caught:
        pinfeed.Loader(read, cfg_options={"train_dataloader.batch_size": 2})
    assert str(path) in str(caught.value)
    with pytest.raises(pinfeed.Error, match="index 9 is out of range; the list has 5 items"):
        pinfeed.Loader(read, cfg_options={"train_dataloader.dataset.pipeline.9.prob": 1.0})
