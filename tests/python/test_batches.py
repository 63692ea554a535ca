# SPDX-License-Identifier: Apache-2.0
"""Batches: their values, their nests, and the position of a loader."""

import warnings

import numpy
import pytest

import pinfeed


def inputs(batch):
    return [numpy.from_dlpack(image) for image in batch["inputs"]]


def check_against_dump(batch, number, dumped):
    for i, image in enumerate(inputs(batch)):
        numpy.testing.assert_array_equal(image, dumped[f"{number}.inputs.{i}"].numpy())
        objects = batch["data_samples"][i].gt_instances
        numpy.testing.assert_array_equal(objects.bboxes, dumped[f"{number}.{i}.bboxes"].numpy())
        numpy.testing.assert_array_equal(objects.labels, dumped[f"{number}.{i}.labels"].numpy())
        numpy.testing.assert_array_equal(objects.masks.to_tensor(), dumped[f"{number}.{i}.masks"].numpy())


def test_batches_equal_those_of_the_program(loader, dumped):
    number = 0
    for _ in range(2):
        for batch in loader:
            check_against_dump(batch, number, dumped)
            number += 1
    assert number == 2 * len(loader) == 12


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_do_not_matter(config, dumped, threads):
    with pinfeed.Loader(config, threads=threads) as loader:
        assert loader.threads == threads
        for number, batch in enumerate(loader):
            check_against_dump(batch, number, dumped)


def test_copied_batches_have_the_same_values(config, dumped):
    with pinfeed.Loader(config, cfg_options={"pinfeed.prefetch": 1}) as loader:
        with pytest.warns(pinfeed.Warning, match="batches are copied"):
            batches = list(loader)
        assert loader.stats()["copied_batches"] == 4  # of three slots one stays free
    for number, batch in enumerate(batches):
        check_against_dump(batch, number, dumped)


def test_a_memory_budget_copies_without_a_warning(config, dumped):
    options = {"pinfeed.memory_budget": 100_000_000}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pinfeed.Loader(config, cfg_options=options) as loader:
            for number, batch in enumerate(list(loader)):
                check_against_dump(batch, number, dumped)


def test_the_metainfo_has_the_types_of_openmmlab(loader):
    sample = next(iter(loader))["data_samples"][0]
    assert isinstance(sample, pinfeed.Element)
    assert sample.type == "DetDataSample"
    meta = sample.metainfo
    assert type(meta) is dict
    assert meta["ori_shape"] == (90, 120)
    assert meta["img_shape"] == (64, 85)
    assert isinstance(meta["img_path"], str)
    assert isinstance(meta["scale_factor"], tuple)
    assert isinstance(meta["flip"], bool)
    assert sample["gt_instances"] is sample.gt_instances
    assert "gt_instances" in sample
    assert set(sample) == set(sample.keys()) == {name for name, _ in sample.items()}
    assert sample.get("missing") is None
    with pytest.raises(AttributeError, match="DetDataSample has no field 'missing'"):
        sample.missing
    with pytest.raises(KeyError):
        sample["missing"]


def test_the_end_of_an_epoch_begins_the_next(loader):
    assert loader.epoch == 0
    assert len(list(loader)) == 6
    assert loader.epoch == 1
    assert len(list(loader)) == 6


def test_an_iteration_that_is_left_begins_the_next_epoch(loader, dumped):
    for _ in loader:
        break
    check_against_dump(next(iter(loader)), 6, dumped)


def test_only_an_iteration_that_was_used_is_left(config, dumped):
    with pinfeed.Loader(config) as loader:
        first, second = iter(loader), iter(loader)
        with pytest.raises(pinfeed.Error, match="another iteration"):
            next(first)
        check_against_dump(next(second), 0, dumped)
        loader.load_state_dict({"epoch": 0, "batch": 2})
        iter(loader), iter(loader)  # nothing was asked for: the position stays
        check_against_dump(next(iter(loader)), 2, dumped)
        check_against_dump(next(iter(loader)), 6, dumped)


def test_an_endless_sampler_goes_on(config):
    root = pinfeed.Config.fromfile(config)
    root.train_dataloader.sampler = dict(type="InfiniteSampler", shuffle=True)

    def ids(batch):
        return [sample.metainfo["img_id"] for sample in batch["data_samples"]]

    with pinfeed.Loader(root) as loader:
        assert loader.endless and len(loader) == 6
        expected = [ids(batch) for batch, _ in zip(loader, range(10))]
    with pinfeed.Loader(root) as loader:
        parts = [ids(next(iter(loader))) for _ in range(5)]
        loader.set_epoch(3)
        iteration = iter(loader)
        parts += [ids(next(iteration)) for _ in range(5)]
    assert parts == expected


def test_set_epoch(loader, dumped):
    loader.set_epoch(1)
    check_against_dump(next(iter(loader)), 6, dumped)
    loader.set_epoch(0)
    check_against_dump(next(iter(loader)), 0, dumped)


def test_a_state_continues_at_the_exact_batch(config, loader, dumped):
    iteration = iter(loader)
    for _ in range(4):
        next(iteration)
    state = loader.state_dict()
    assert (state["epoch"], state["batch"]) == (0, 4)
    with pinfeed.Loader(config) as other:
        other.load_state_dict(state)
        rest = list(other)
        assert len(rest) == 2
        check_against_dump(rest[0], 4, dumped)
        check_against_dump(next(iter(other)), 6, dumped)


def test_a_state_of_another_seed_is_refused(config, loader):
    with pinfeed.Loader(config, seed=7) as other:
        with pytest.raises(pinfeed.Error, match="the state has seed 1, the loader 7"):
            other.load_state_dict(loader.state_dict())


def test_ranks_share_the_epoch(config):
    paths = []
    for rank in range(2):
        with pinfeed.Loader(config, rank=rank, world_size=2) as loader:
            assert (loader.rank, loader.world_size) == (rank, 2)
            paths.append({sample.metainfo["img_path"] for batch in loader for sample in batch["data_samples"]})
    assert len(paths[0]) == len(paths[1]) == 12
    assert not paths[0] & paths[1]


def test_an_older_iteration_is_refused(loader):
    first = iter(loader)
    next(first)
    second = iter(loader)
    with pytest.raises(pinfeed.Error, match="another iteration over the loader has begun"):
        next(first)
    next(second)


def test_options_keep_their_types(config):
    with pinfeed.Loader(config, cfg_options={"train_dataloader.batch_size": 5, "train_dataloader.drop_last": True,
                                             "train_dataloader.dataset.pipeline.2.scale": (48, 48)}) as loader:
        assert (loader.batch_size, len(loader)) == (5, 4)
        assert max(inputs(next(iter(loader)))[0].shape[1:]) == 48


def test_a_dict_is_a_config(config, dumped):
    root = pinfeed.Config.fromfile(config).to_dict()
    with pinfeed.Loader(root) as loader:
        check_against_dump(next(iter(loader)), 0, dumped)


def test_stats_have_the_verdict(loader):
    assert loader.stats()["verdict"] == "no batch was loaded"
    list(loader)
    stats = loader.stats()
    assert stats["batches"] == 6
    assert stats["images"] == 20  # those after the first batch
    assert stats["images_per_second"] > 0
    assert set(stats["stages"]) >= {"plan", "read", "render", "consumer"}
    assert stats["verdict"].count(".") <= 2 and len(stats["verdict"]) > 20


def test_named_tuples_and_containers():
    from pinfeed import _nest
    point = _nest.named_tuple("Point", {"x": 1, "y": 2})
    assert (point.x, point.y, type(point).__name__) == (1, 2, "Point")
    assert type(point) is type(_nest.named_tuple("Point", {"x": 3, "y": 4}))
    container = pinfeed.DataContainer([1], stack=True)
    assert (container.data, container.stack, container.pad_dims) == ([1], True, 2)
