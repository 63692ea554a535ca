"""Makes tests/golden/distributed_sampler.txt and endless_batches.txt: what torch's and mmdet's own samplers give.

Needs what openmmlab_replay.py needs.

    python tools/golden/samplers.py tests/golden

A line of the first: data set size, shuffle, seed, drop_last, rank, world size, epoch; then the indices. One of the second:
batch sampler, batch sizes (0 for none), seed, rank, world size; then 30 batches, the indices joined by commas. The images
are those of multi_source_sampler.py.
"""
import os
import sys
from itertools import islice, product
from unittest import mock

import multi_source_sampler
from mmdet.datasets.samplers import AspectRatioBatchSampler, MultiDataAspectRatioBatchSampler
from mmengine.dataset import InfiniteSampler, sampler
from torch.utils.data import DistributedSampler


class Images(multi_source_sampler.Sources):
    def get_dataset_source(self, index):
        return 0 if index < 11 else 1

    def get_data_info(self, index):
        source = self.get_dataset_source(index)
        return self.datasets[source].get_data_info(index - 11 * source)


def distributed():
    for size, shuffle, seed, drop_last, epoch in product((2, 10, 12), (0, 1), (0, 3), (0, 1), (0, 2)):
        for rank in range(3):
            made = DistributedSampler(range(size), num_replicas=3, rank=rank, shuffle=bool(shuffle), seed=seed, drop_last=bool(drop_last))
            made.set_epoch(epoch)
            yield [size, shuffle, seed, drop_last, rank, 3, epoch, *made]


def endless():
    for seed, (rank, world), sizes in product((0, 7), ((0, 1), (1, 2)), ((4, 0), (3, 5))):
        with mock.patch.object(sampler, "get_dist_info", lambda: (rank, world)):
            order = InfiniteSampler(Images(), seed=seed)
        if sizes[1]:
            batches = MultiDataAspectRatioBatchSampler(order, list(sizes), 2)
        else:
            batches = AspectRatioBatchSampler(order, sizes[0])
        cut = [",".join(map(str, batch)) for batch in islice(iter(batches), 30)]
        yield [type(batches).__name__, *sizes, seed, rank, world, *cut]


def main(folder):
    for name, lines in (("distributed_sampler", distributed()), ("endless_batches", endless())):
        with open(os.path.join(folder, name + ".txt"), "w") as file:
            for words in lines:
                file.write(" ".join(map(str, words)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
