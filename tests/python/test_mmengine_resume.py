# SPDX-License-Identifier: Apache-2.0
"""A Runner that resumes in the middle of an epoch continues at the exact batch, for both of mmengine's loops."""
import os
import pathlib
import subprocess
import sys

import pytest

import openmmlab
from openmmlab import SMALL, config, loader, with_pinfeed

openmmlab.needed()

import mmengine  # noqa: E402
import torch  # noqa: E402
from recording_model import assert_same  # noqa: E402

import pinfeed.mmengine  # noqa: E402,F401

EPOCHS = dict(type="EpochBasedTrainLoop", max_epochs=3)  # of 6 batches
ITERATIONS = dict(type="IterBasedTrainLoop", max_iters=18)


def settings(work_dir, train_cfg, sampler="DefaultSampler", interval=4, by_epoch=False, keyed=False, **more):
    made = config(work_dir, with_pinfeed(loader(SMALL, sampler=sampler)), train_cfg,
                  custom_hooks=[dict(type="PlaceHook")], **more)
    made["default_hooks"]["checkpoint"] = dict(type="CheckpointHook", interval=interval, by_epoch=by_epoch)
    if keyed:
        made["pinfeed"] = {}
    return made


def resumed(whole, work_dir, checkpoint):
    """The rest of a training, from a checkpoint that it has written."""
    return openmmlab.run(dict(whole, work_dir=str(work_dir), resume=True, load_from=str(checkpoint),
                              experiment_name=whole["experiment_name"] + "_resumed"))


def assert_continues(whole, rest, done):
    """The rest has the batches, losses, places and weights that the whole training has after `done` iterations."""
    assert_same(rest.model.seen, whole.model.seen[done:])
    assert rest.model.losses == whole.model.losses[done:]
    assert rest.places == whole.places[done:]
    assert torch.equal(rest.model.weight, whole.model.weight)


@pytest.mark.parametrize("done", [4, 8, 16])
@pytest.mark.parametrize("keyed", [False, True], ids=["replay", "keyed"])
def test_loop_over_epochs_continues(tmp_path, done, keyed):
    wanted = settings(tmp_path / "whole", EPOCHS, keyed=keyed)
    whole = openmmlab.run(wanted)
    assert len(whole.places) == 18
    rest = resumed(wanted, tmp_path / "rest", tmp_path / "whole" / f"iter_{done}.pth")
    assert_continues(whole, rest, done)


@pytest.mark.parametrize("sampler", ["DefaultSampler", "InfiniteSampler"])
@pytest.mark.parametrize("done", [4, 8, 16])
def test_loop_over_iterations_continues(tmp_path, sampler, done):
    wanted = settings(tmp_path / "whole", ITERATIONS, sampler)
    whole = openmmlab.run(wanted)
    rest = resumed(wanted, tmp_path / "rest", tmp_path / "whole" / f"iter_{done}.pth")
    assert_continues(whole, rest, done)


def test_checkpoint_of_the_last_iteration_of_an_epoch(tmp_path):
    """mmengine counts such a checkpoint to the epoch that has ended, and trains it once more."""
    wanted = settings(tmp_path / "whole", EPOCHS, interval=6)
    whole = openmmlab.run(wanted)
    rest = resumed(wanted, tmp_path / "rest", tmp_path / "whole" / "iter_6.pth")
    assert_continues(whole, rest, 6)
    assert rest.epoch == whole.epoch == 3


def test_checkpoint_of_an_epoch(tmp_path):
    wanted = settings(tmp_path / "whole", EPOCHS, interval=1, by_epoch=True)
    whole = openmmlab.run(wanted)
    assert_continues(whole, resumed(wanted, tmp_path / "rest", tmp_path / "whole" / "epoch_2.pth"), 12)


@pytest.mark.parametrize("train_cfg", [EPOCHS, ITERATIONS], ids=["epochs", "iterations"])
def test_seed_of_the_checkpoint_is_used(tmp_path, train_cfg):
    """Without a seed in the config each start takes another one. mmengine's own data loader keeps the new one."""
    wanted = settings(tmp_path / "whole", train_cfg, randomness=dict(seed=None))
    whole = openmmlab.run(wanted)
    rest = resumed(wanted, tmp_path / "rest", tmp_path / "whole" / "iter_8.pth")
    assert rest.seed == whole.seed
    assert_continues(whole, rest, 8)


def test_weights_without_resume_begin_at_the_first_batch(tmp_path):
    wanted = settings(tmp_path / "whole", EPOCHS)
    whole = openmmlab.run(wanted)
    rest = openmmlab.run(dict(wanted, work_dir=str(tmp_path / "rest"), load_from=str(tmp_path / "whole" / "iter_8.pth"),
                              experiment_name=wanted["experiment_name"] + "_again"))
    assert_same([raw for raw, _ in rest.model.seen], [raw for raw, _ in whole.model.seen])


def test_checkpoint_of_other_batches_begins_its_epoch(tmp_path, caplog):
    wanted = settings(tmp_path / "whole", EPOCHS)
    openmmlab.run(wanted)
    wanted["train_dataloader"] = dict(wanted["train_dataloader"], batch_size=2)
    rest = resumed(wanted, tmp_path / "rest", tmp_path / "whole" / "iter_8.pth")
    assert rest.places[0] == (1, 8, 0, False)
    assert len(rest.places) == 2 * 11


def test_checkpoints_can_be_read_without_pinfeed(tmp_path):
    whole = openmmlab.run(settings(tmp_path / "whole", EPOCHS))
    saved = torch.load(tmp_path / "whole" / "iter_8.pth", weights_only=False)
    assert saved["pinfeed"] == {"batch_size": 4, "world_size": 1, "samples": 22}
    assert saved["meta"]["dataset_meta"]["classes"] == whole.train_dataloader.dataset.metainfo["classes"]


@pytest.mark.skipif(bool(os.environ.get("PINFEED_TEST_FORK")), reason="this is the fork")
def test_maintained_fork_of_mmengine():
    """The tests of this file and of the batches, with onedl-mmengine in the place of mmengine."""
    if not os.path.isdir(os.path.join(sys.prefix, "onedl")):
        pytest.skip("no onedl-mmengine")
    here = pathlib.Path(__file__).parent
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", str(here / "test_mmengine_resume.py"),
                          str(here / "test_mmengine.py"), "-k", "continues or checkpoint or loop or use or fork"],
                         env=dict(os.environ, PINFEED_TEST_FORK="1"), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.skipif(not os.environ.get("PINFEED_TEST_FORK"), reason="mmengine itself")
def test_fork_is_imported():
    assert "onedl" in mmengine.__file__
