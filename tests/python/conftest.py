# SPDX-License-Identifier: Apache-2.0
"""A small data set and configs for it."""

import pathlib
import subprocess

import pytest

import pinfeed

PROGRAM = pathlib.Path(pinfeed.__file__).parent / "bin" / "pinfeed"

CONFIG = """\
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='CocoDataset',
        data_root='{root}/',
        ann_file='annotations/train.json',
        data_prefix=dict(img='train/'),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True, with_mask=True),
            dict(type='Resize', scale=(96, 64), keep_ratio=True),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackDetInputs'),
        ]))
randomness = dict(seed=1)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=0.0001))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=5),
    dict(type='MultiStepLR', milestones=[2, 3], gamma=0.1, by_epoch=True, begin=0, end=4),
]
"""


def run(*arguments):
    """The output of the program."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def shapes(tmp_path_factory):
    """The folder of a synthetic data set of 24 images."""
    folder = tmp_path_factory.mktemp("data") / "shapes"
    run("shapes", folder, "--images", 24, "--val", 4, "--size", "120x90")
    return folder


@pytest.fixture(scope="session")
def config(shapes, tmp_path_factory):
    """The path of a config for it: 6 batches of 4."""
    path = tmp_path_factory.mktemp("config") / "config.py"
    path.write_text(CONFIG.format(root=shapes))
    return path


@pytest.fixture
def loader(config):
    with pinfeed.Loader(config) as made:
        yield made


@pytest.fixture(scope="session")
def dumped(config, tmp_path_factory):
    """The tensors of two epochs as the program writes them, by name."""
    path = tmp_path_factory.mktemp("dump") / "batches.safetensors"
    run("batches", config, "--epochs", 2, "--dump", path)
    return pinfeed.load_weights(path)
