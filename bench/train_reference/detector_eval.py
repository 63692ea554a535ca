#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Evaluates weights by mmdet on the val_dataloader of a config and prints the metrics and the seconds and CPU-seconds of
the evaluation, as JSON. Usage: detector_eval.py CONFIG.py WEIGHTS WORK_DIR. Needs the environment that tools/upstream.py
describes. Importing and building are left out of the times, the workers of the loader are not."""
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'tools'))

import upstream  # noqa: E402, F401
import tensors  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.runner import Runner  # noqa: E402


def cpu_seconds():
    return sum(os.times()[:4])  # with those of ended workers


def main(config, weights, work_dir):
    config = Config.fromfile(config)
    config.work_dir = work_dir
    config.log_level = 'ERROR'
    runner = Runner.from_cfg(config)
    stored = tensors.read(weights)[0]  # a checkpoint of pinfeed also has the optimizer's state
    runner.model.load_state_dict({name: stored[name] for name in runner.model.state_dict()})
    cpu, begin = cpu_seconds(), time.perf_counter()
    metrics = runner.test()
    seconds = time.perf_counter() - begin
    print(json.dumps({'metrics': metrics, 'seconds': seconds, 'cpu': cpu_seconds() - cpu}))


if __name__ == '__main__':
    main(*sys.argv[1:])
