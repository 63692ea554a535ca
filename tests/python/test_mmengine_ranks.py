# SPDX-License-Identifier: Apache-2.0
"""Two ranks of mmengine's Runner get the samples that OpenMMLab's sampler gives them."""
import multiprocessing
import os
import socket

import pytest

import openmmlab
from openmmlab import SMALL, config, loader, with_pinfeed

openmmlab.needed()

import torch  # noqa: E402


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def train_rank(rank, port, trainings, results):
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1",
                      MASTER_PORT=str(port))
    openmmlab.needed()
    if not torch.cuda.is_available():
        torch.cuda.set_device = lambda device: None  # mmengine calls it on machines without a GPU, too
    import recording_model  # noqa: F401
    import pinfeed.mmengine  # noqa: F401
    for number, settings in enumerate(trainings):
        model = openmmlab.run(settings).model.module
        seen = [[(sample.img_id, sample.flip, tuple(image.shape), float(image.double().sum()))
                 for image, sample in zip(batch["inputs"], batch["data_samples"])] for batch in model.forwarded]
        results.put((number, rank, seen, model.losses))
    torch.distributed.destroy_process_group()


def trained(trainings):
    """For each training what its two ranks saw: (rank, samples of each batch, losses)."""
    context = multiprocessing.get_context("spawn")
    results, port = context.Queue(), free_port()
    ranks = [context.Process(target=train_rank, args=(rank, port, trainings, results), daemon=True)
             for rank in range(2)]
    for process in ranks:
        process.start()
    found = sorted(results.get(timeout=150) for _ in range(2 * len(trainings)))
    for process in ranks:
        process.join()
    return [[one[1:] for one in found if one[0] == number] for number in range(len(trainings))]


@pytest.mark.skipif(not torch.distributed.is_available() or not torch.distributed.is_gloo_available(), reason="no gloo")
def test_two_ranks(tmp_path):
    def settings(dataloader, name):
        return config(tmp_path / name, dataloader, dict(type="EpochBasedTrainLoop", max_epochs=2), launcher="pytorch",
                      model_wrapper_cfg=dict(type="MMDistributedDataParallel", device_ids=None),
                      env_cfg=dict(dist_cfg=dict(backend="gloo")))

    dataloader = loader(SMALL, batch_size=3, workers=0, persistent=False)
    theirs, ours = trained([settings(dataloader, "theirs"), settings(with_pinfeed(dataloader), "ours")])
    assert [len(seen) for _, seen, _ in ours] == [8, 8]
    assert ours[0][1] != ours[1][1]
    assert ours == theirs
