"""Makes tests/golden/multi_source_sampler.txt: the first indices of mmdet's samplers of several sources.

Needs what openmmlab_replay.py needs.

    python tools/golden/multi_source_sampler.py tests/golden

A line: the sampler, batch size, ratio, seed of the run, seed of the sampler or -, rank, world size: then 40 indices. The
images of source s have the sizes SIZES[s], again and again.
"""
import os
import sys
from itertools import islice
from unittest import mock

import openmmlab_replay  # noqa: F401  (puts a stand in place of mmcv's operators)
import numpy as np
from mmdet.datasets.samplers import GroupMultiSourceSampler, MultiSourceSampler, multi_source_sampler

SIZES = ([(60, 40), (30, 40), (40, 40)], [(20, 50), (50, 20)])
COUNTS = (11, 17)


class Source:
    def __init__(self, sizes, count):
        self.records = [dict(width=sizes[i % len(sizes)][0], height=sizes[i % len(sizes)][1]) for i in range(count)]

    def __len__(self):
        return len(self.records)

    def get_data_info(self, index):
        return self.records[index]


class Sources:
    datasets = [Source(*one) for one in zip(SIZES, COUNTS)]
    cumulative_sizes = [11, 28]

    def __len__(self):
        return 28


def main(folder):
    with open(os.path.join(folder, "multi_source_sampler.txt"), "w") as file:
        for sampler in (MultiSourceSampler, GroupMultiSourceSampler):
            for batch, ratio in ((5, [1, 4]), (4, [1.5, 1])):
                for run_seed, seed in ((0, None), (7, 3)):
                    for rank, world in ((0, 1), (1, 2)):
                        np.random.seed(run_seed)
                        with mock.patch.object(multi_source_sampler, "get_dist_info", lambda: (rank, world)):
                            made = sampler(Sources(), batch, ratio, seed=run_seed if seed is None else seed)
                            indices = list(islice(iter(made), 40))
                        words = [sampler.__name__, batch, *ratio, run_seed, "-" if seed is None else seed, rank, world, *indices]
                        file.write(" ".join(map(str, words)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
