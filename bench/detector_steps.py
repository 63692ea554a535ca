#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares training steps of pinfeed with those of mmdet: same config, weights, images, and random samples; losses
of the steps and, in interleaved rounds, the time of a step (forward pass, backward pass, optimizer).

    bench/detector_steps.py build/release CONFIG --python PYTHON [--rounds 5] [--steps 8] [--batches 4]
                            [--cfg-options k=v ...]

PYTHON is one with mmdet (tools/openmmlab_venv.sh). OMP_NUM_THREADS is passed on to both. The ratio of the CPU times is
the one to read when other programs run beside."""
import argparse
import os
import pathlib
import statistics
import tempfile

from train_step import AS_PINFEED_TRAIN, HERE, WARM_UP, output


def steps_of(command, **variables):
    rows = [[float(word) for word in line.split()] for line in output(command, **variables).splitlines()]
    median = lambda column: statistics.median(row[column] for row in rows[WARM_UP:])
    return [row[1] for row in rows], median(2), median(3)


def compare(native, python, rounds):
    clock, cpu = [], []
    print(f'load average {os.getloadavg()[0]:.1f}, OMP_NUM_THREADS={os.environ.get("OMP_NUM_THREADS", "unset")}')
    print('round  pinfeed ms  mmdet ms  ratio  CPU: pinfeed ms  mmdet ms  ratio')
    for i in range(rounds):
        ours, our_clock, our_cpu = steps_of(native, **AS_PINFEED_TRAIN)
        theirs, their_clock, their_cpu = steps_of(python)
        clock.append(our_clock / their_clock)
        cpu.append(our_cpu / their_cpu)
        print(f'{i:5}  {1e3 * our_clock:10.1f}  {1e3 * their_clock:8.1f}  {clock[-1]:5.3f}  {1e3 * our_cpu:15.1f}  '
              f'{1e3 * their_cpu:8.1f}  {cpu[-1]:5.3f}', flush=True)
    print(f'median ratio pinfeed/mmdet {statistics.median(clock):.3f}, of CPU time {statistics.median(cpu):.3f}')
    differences = [abs(a - b) / abs(b) for a, b in zip(ours, theirs)]
    print(f'losses: the first differs by {differences[0]:.1e}, those of {len(ours)} steps by at most '
          f'{max(differences):.1e} (relative): {theirs[0]:.5f} -> {theirs[-1]:.5f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('config')
    parser.add_argument('--python', required=True)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--steps', type=int, default=8)
    parser.add_argument('--batches', type=int, default=4)
    parser.add_argument('--cfg-options', nargs='+', default=[])
    arguments = parser.parse_args()
    options = ['--cfg-options', *arguments.cfg_options] if arguments.cfg_options else []
    with tempfile.TemporaryDirectory() as name:
        config = pathlib.Path(name) / 'config.py'
        config.write_text(output([arguments.build / 'pinfeed', 'config', arguments.config, '--format', 'py', *options]))
        what = [config, config.with_name('weights.safetensors'), arguments.batches, arguments.steps]
        compare([arguments.build / 'train_steps', *what],
                [arguments.python, HERE / 'train_reference' / 'detector_steps.py', *what], arguments.rounds)


if __name__ == '__main__':
    main()
