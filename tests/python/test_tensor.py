# SPDX-License-Identifier: Apache-2.0
"""Tensors: what other libraries see, and how long the memory lives."""

import gc
import random
import threading
import weakref

import numpy
import pytest

import pinfeed


def first_image(loader):
    return next(iter(loader))["inputs"][0]


def test_arrays_share_the_memory(loader):
    image = first_image(loader)
    assert isinstance(image, pinfeed.Tensor)
    one, other = numpy.from_dlpack(image), numpy.asarray(image)
    assert one.__array_interface__["data"][0] == other.__array_interface__["data"][0]
    assert one.shape == image.shape == (3, 64, 85)
    assert one.dtype == numpy.uint8 and image.dtype == "uint8"
    assert image.strides == one.strides
    assert image.nbytes == one.nbytes
    assert len(image) == 3 and image.ndim == 3
    one[0, 0, 0] ^= 255
    assert other[0, 0, 0] == one[0, 0, 0]


def test_copies_have_memory_of_their_own(loader):
    image = first_image(loader)
    view = image.numpy()
    copies = [numpy.array(image, copy=True), image.copy().numpy(), numpy.asarray(image, dtype="float32"),
              numpy.from_dlpack(image, copy=True)]
    before = view.copy()
    view[...] = 0
    for copy in copies:
        numpy.testing.assert_array_equal(copy, before)


def test_the_other_types(loader):
    objects = next(iter(loader))["data_samples"][0].gt_instances
    assert objects.bboxes.dtype == "float32" and objects.bboxes.numpy().dtype == numpy.float32
    assert objects.labels.dtype == "int64" and objects.labels.numpy().dtype == numpy.int64


def test_every_type_of_a_file(tmp_path):
    from write_safetensors import write_safetensors
    arrays = {str(numpy.dtype(name)): numpy.array([[0, 1, 1], [1, 0, 1]]).astype(name)
              for name in ("bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
                           "float32", "float64")}
    write_safetensors(tmp_path / "all.safetensors", arrays)
    weights = pinfeed.load_weights(tmp_path / "all.safetensors")
    assert set(weights) == set(arrays)
    for name, array in arrays.items():
        assert weights[name].dtype == name
        numpy.testing.assert_array_equal(weights[name].numpy(), array)
        assert weights[name].numpy().dtype == array.dtype


def test_dlpack_of_both_versions(loader):
    image = first_image(loader)
    assert image.__dlpack_device__() == (1, 0)
    assert '"dltensor"' in repr(image.__dlpack__())
    assert '"dltensor_versioned"' in repr(image.__dlpack__(max_version=(1, 0)))
    with pytest.raises(BufferError, match="copy it to the device"):
        image.__dlpack__(dl_device=(2, 0))


def test_a_capsule_that_nobody_takes_is_freed(loader):
    image = first_image(loader)
    for version in (None, (1, 0)):
        for _ in range(1000):
            image.__dlpack__(max_version=version)


def test_views_outlive_batch_and_loader(config):
    loader = pinfeed.Loader(config)
    view = numpy.from_dlpack(first_image(loader))
    expected = view.copy()
    loader.close()
    gone = weakref.ref(loader)
    del loader
    gc.collect()
    assert gone() is None
    numpy.testing.assert_array_equal(view, expected)


def test_the_slot_is_free_when_the_last_view_is_gone(config):
    with pinfeed.Loader(config, cfg_options={"pinfeed.prefetch": 1}) as loader:
        for _ in range(5):
            for batch in loader:
                image = numpy.from_dlpack(batch["inputs"][0])
                sample = batch["data_samples"][1]
                del batch, image, sample
        assert loader.stats()["copied_batches"] == 0


def test_elements_keep_their_batch(config, dumped):
    with pinfeed.Loader(config) as loader:
        with pytest.warns(pinfeed.Warning):
            samples = [sample for batch in loader for sample in batch["data_samples"]]
    gc.collect()
    for i, sample in enumerate(samples):
        numpy.testing.assert_array_equal(sample.gt_instances.bboxes, dumped[f"{i // 4}.{i % 4}.bboxes"].numpy())


def test_any_order_of_deletion_in_any_thread(config):
    order = random.Random(0)
    loader = pinfeed.Loader(config, cfg_options={"pinfeed.prefetch": 8})
    views = []

    def delete(part):
        while part:
            part.pop()

    for epoch in range(6):
        for batch in loader:
            views += [numpy.from_dlpack(image) for image in batch["inputs"]]
            views += [batch["data_samples"][0], batch["data_samples"][1].gt_instances, batch]
        order.shuffle(views)
        parts = [views[i::3] for i in range(3)]
        views = parts.pop()[:4]
        threads = [threading.Thread(target=delete, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        if epoch == 5:
            loader.close()
            del loader, batch
        for thread in threads:
            thread.join()
    for view in views:
        if isinstance(view, numpy.ndarray):
            view.sum()


def test_elements_in_a_cycle_are_collected(loader):
    element = next(iter(loader))["data_samples"][0]
    image = weakref.finalize(numpy.from_dlpack(element.gt_instances.bboxes), lambda: None)
    element["self"] = element
    del element
    gc.collect()
    assert not image.alive


def test_no_growth_over_many_batches(config):
    with pinfeed.Loader(config) as loader:
        def epochs(count):
            for _ in range(count):
                for batch in loader:
                    numpy.from_dlpack(batch["inputs"][0])
                    batch["data_samples"][0].gt_instances.masks.to_tensor()
        epochs(20)
        gc.collect()
        before, objects = resident_pages(), len(gc.get_objects())
        epochs(60)
        gc.collect()
        assert len(gc.get_objects()) - objects < 200
        assert resident_pages() - before < 1024  # 4 MiB


def resident_pages():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])
