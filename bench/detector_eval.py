#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares evaluations (model and COCO's metrics) by pinfeed with those by mmdet: same config, weights and images; the
metrics and, in interleaved rounds, the times.

    bench/detector_eval.py build/release CONFIG WEIGHTS --python PYTHON [--rounds 5] [--cfg-options k=v ...]

WEIGHTS is a .safetensors file, such as `pinfeed train CONFIG` saves. PYTHON is one with mmdet
(tools/openmmlab_venv.sh). The times of pinfeed are those of the whole process; of mmdet only Runner.test() counts.
OMP_NUM_THREADS is passed on to both."""
import argparse
import json
import os
import pathlib
import resource
import statistics
import tempfile
import time

from train_step import HERE, output

NAMES = ('mAP', 'mAP_50', 'mAP_75', 'mAP_s', 'mAP_m', 'mAP_l')


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def by_pinfeed(arguments, config):
    cpu, begin = cpu_of_children(), time.perf_counter()
    lines = output([arguments.build / 'pinfeed', 'eval', config, arguments.weights, '--json']).splitlines()
    seconds = time.perf_counter() - begin
    stats = [value for line in lines for value in json.loads(line)['stats'][:len(NAMES)]]
    return stats, seconds, cpu_of_children() - cpu


def by_mmdet(arguments, config):
    text = output([arguments.python, HERE / 'train_reference' / 'detector_eval.py', config, arguments.weights,
                   config.parent / 'mmdet'])
    found = json.loads(text.splitlines()[-1])
    metrics = found['metrics']
    kinds = [kind for kind in ('bbox', 'segm') if f'coco/{kind}_mAP' in metrics]
    return [metrics[f'coco/{kind}_{name}'] for kind in kinds for name in NAMES], found['seconds'], found['cpu']


def compare(arguments, config):
    clock, cpu = [], []
    print(f'load average {os.getloadavg()[0]:.1f}, OMP_NUM_THREADS={os.environ.get("OMP_NUM_THREADS", "unset")}')
    print('round  pinfeed s  mmdet s  ratio  CPU: pinfeed s  mmdet s  ratio')
    for i in range(arguments.rounds):
        ours, our_clock, our_cpu = by_pinfeed(arguments, config)
        theirs, their_clock, their_cpu = by_mmdet(arguments, config)
        clock.append(our_clock / their_clock)
        cpu.append(our_cpu / their_cpu)
        print(f'{i:5}  {our_clock:9.2f}  {their_clock:7.2f}  {clock[-1]:5.3f}  {our_cpu:14.2f}  {their_cpu:7.2f}  '
              f'{cpu[-1]:5.3f}', flush=True)
    print(f'median ratio pinfeed/mmdet {statistics.median(clock):.3f}, of CPU time {statistics.median(cpu):.3f}')
    print('mAP, mAP50 ... of pinfeed:', ' '.join(f'{value:.3f}' for value in ours))
    print('mAP, mAP50 ... of mmdet:  ', ' '.join(f'{value:.3f}' for value in theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('config')
    parser.add_argument('weights', type=pathlib.Path)
    parser.add_argument('--python', required=True)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--cfg-options', nargs='+', default=[])
    arguments = parser.parse_args()
    options = ['--cfg-options', *arguments.cfg_options] if arguments.cfg_options else []
    with tempfile.TemporaryDirectory() as name:
        config = pathlib.Path(name) / 'config.py'
        config.write_text(output([arguments.build / 'pinfeed', 'config', arguments.config, '--format', 'py', *options]))
        compare(arguments, config)


if __name__ == '__main__':
    main()
