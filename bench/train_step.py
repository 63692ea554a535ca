#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares training steps of pinfeed with the same model in PyTorch's Python API: same weights, same
batches; losses of the first steps and, in interleaved rounds, the time of a step.

    bench/train_step.py build/release CONFIG [--rounds 9] [--steps 20] [--batches 4] [--python PYTHON]
                        [--device cpu] [--dtype float32|bfloat16] [--cfg-options k=v ...]

PYTHON is one that has torch (the project's .venv). The config's optimizer must be a plain AdamW and its
data_preprocessor must name mean and std. OMP_NUM_THREADS is passed on to both."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WARM_UP = 3  # steps left out of the times


# As `pinfeed train` sets it for itself (pinfeed/cli/train_library.cpp), in bytes. Python has the defaults of PyTorch.
AS_PINFEED_TRAIN = {'MALLOC_MMAP_THRESHOLD_': str(32 << 20), 'MALLOC_TRIM_THRESHOLD_': str(1 << 30)}


def output(command, **variables):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **variables}).stdout


def steps_of(command, **variables):
    rows = [line.split() for line in output(command, **variables).splitlines()]
    losses = [float(row[1]) for row in rows]
    return losses, statistics.median(float(row[2]) for row in rows[WARM_UP:])


def prepare(arguments, folder):
    """Writes the merged config (as .json for Python and as .py for the program) and the batches."""
    pinfeed = arguments.build / 'pinfeed'
    options = ['--cfg-options', *arguments.cfg_options] if arguments.cfg_options else []
    text = output([pinfeed, 'config', arguments.config, '--format', 'json', *options])
    (folder / 'config.json').write_text(text)
    text = output([pinfeed, 'config', arguments.config, '--format', 'py', *options])
    (folder / 'config.py').write_text(text)
    output([pinfeed, 'batches', arguments.config, '--limit', arguments.batches, '--dump',
            folder / 'batches.safetensors', *options])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('config')
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--steps', type=int, default=20)
    parser.add_argument('--batches', type=int, default=4)
    parser.add_argument('--python', default=sys.executable)
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--dtype', default='float32', choices=['float32', 'bfloat16'])
    parser.add_argument('--cfg-options', nargs='+', default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(arguments, folder)
        files = [folder / 'weights.safetensors', folder / 'batches.safetensors', arguments.steps,
                 arguments.device, arguments.dtype]
        native = [arguments.build / 'train_steps', folder / 'config.py', *files]
        python = [arguments.python, HERE / 'train_reference' / 'train_steps.py', folder / 'config.json', *files]
        compare(native, python, arguments.rounds)


def compare(native, python, rounds):
    ratios, times = [], []
    print(f'load average {os.getloadavg()[0]:.1f}, OMP_NUM_THREADS={os.environ.get("OMP_NUM_THREADS", "unset")}')
    print('round  native ms  python ms  ratio')
    for i in range(rounds):
        ours, ours_time = steps_of(native, **AS_PINFEED_TRAIN)
        theirs, theirs_time = steps_of(python)
        ratios.append(ours_time / theirs_time)
        times.append(ours_time)
        print(f'{i:5}  {1e3 * ours_time:9.1f}  {1e3 * theirs_time:9.1f}  {ratios[-1]:5.3f}', flush=True)
    worst = max(abs(a - b) / abs(b) for a, b in zip(ours, theirs))
    print(f'median ratio native/python {statistics.median(ratios):.3f} of {rounds} rounds')
    print(f'losses of {len(ours)} steps differ by at most {worst:.2e} (relative): '
          f'{theirs[0]:.6f} -> {theirs[-1]:.6f}')
    print(json.dumps({'ratio': statistics.median(ratios), 'seconds': statistics.median(times),
                      'worst_loss_difference': worst}))


if __name__ == '__main__':
    main()
