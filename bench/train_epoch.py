#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a whole epoch of configs/bccd_finetune.py, the loading of its images included, with PyTorch's
DataLoader and the same model in PyTorch's Python API, in interleaved rounds.

    bench/train_epoch.py build/release DATA_ROOT [--rounds 5] [--workers 2] [--python PYTHON]

DATA_ROOT is the folder of bccd with a final slash. PYTHON is one that has torch, numpy and OpenCV. Of each
run the last of three epochs counts. There is no validation and no checkpoint in it."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent / 'configs' / 'bccd_finetune.py'
EPOCHS = 3


def output(command, **more):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def native_rate(arguments, folder, options):
    """Images a second, from the time of each iteration in the log of scalars."""
    work = folder / 'work'
    output([arguments.build / 'pinfeed', 'train', CONFIG, '--work-dir', work, '--cfg-options', *options],
           stderr=subprocess.DEVNULL)
    newest = max(work.glob('*/vis_data/scalars.json'), key=os.path.getmtime)
    rows = [json.loads(line) for line in newest.read_text().splitlines()]
    times = [row['time'] for row in rows if row.get('epoch') == EPOCHS and 'loss' in row]
    return arguments.batch / statistics.mean(times)


def python_rate(arguments, config):
    rows = output([arguments.python, HERE / 'train_reference' / 'train_epoch.py', config, EPOCHS,
                   arguments.workers]).splitlines()
    seconds, images = rows[-1].split()
    return int(images) / float(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('data_root')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--python', default=sys.executable)
    arguments = parser.parse_args()
    options = [f'data_root={arguments.data_root}', f'max_epochs={EPOCHS}', f'train_cfg.max_epochs={EPOCHS}',
               'train_cfg.val_interval=1000', 'default_hooks.checkpoint.interval=-1',
               'default_hooks.checkpoint.save_last=False', 'default_hooks.logger.interval=1',
               'log_processor.window_size=1']
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text = output([arguments.build / 'pinfeed', 'config', CONFIG, '--format', 'json', '--cfg-options', *options])
        (folder / 'config.json').write_text(text)
        arguments.batch = json.loads(text)['train_dataloader']['batch_size']
        print('round  native images/s  python images/s  ratio')
        for i in range(arguments.rounds):
            ours, theirs = native_rate(arguments, folder, options), python_rate(arguments, folder / 'config.json')
            ratios.append(ours / theirs)
            print(f'{i:5}  {ours:15.1f}  {theirs:15.1f}  {ratios[-1]:5.2f}', flush=True)
    print(f'median ratio native/python {statistics.median(ratios):.2f} of {arguments.rounds} rounds')


if __name__ == '__main__':
    main()
