#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what the logs of `tools/gpu_check run` say, as Markdown for docs/performance.md.

    tools/gpu_report.py OUT"""
import json
import pathlib
import re
import statistics
import sys

# Dense bfloat16 operations per second, from NVIDIA's data sheets.
PEAKS = {'H200': 989e12, 'H100': 989e12, 'A100': 312e12, 'B200': 2250e12}


def text_of(out, name):
    path = out / f'{name}.txt'
    return path.read_text(errors='replace') if path.exists() else ''


def lines_of(out, run):
    """The training lines of scalars.json of a run, those of a resumed run behind each other."""
    lines = []
    for path in sorted((out / run).glob('*/vis_data/scalars.json')):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if 'loss' in line]


def losses_of(out, run):
    return {line['step']: line['loss'] for line in lines_of(out, run)}


def compared(out, name, other, steps=10):
    """How far the losses of the first steps of two runs are apart."""
    ours, theirs = losses_of(out, name), losses_of(out, other)
    common = sorted(ours.keys() & theirs.keys())[:steps]
    if not common:
        return 'not yet measured'
    worst = max(abs(ours[k] - theirs[k]) / abs(theirs[k]) for k in common)
    return f'{worst:.1e} relative in {len(common)} iterations ({theirs[common[0]]:.5f} -> {theirs[common[-1]]:.5f})'


def resumed(out):
    whole, parts = losses_of(out, 'mae_cuda'), losses_of(out, 'mae_resumed')
    common = sorted(whole.keys() & parts.keys())
    if not common or len(parts) < len(whole):
        return 'not yet measured'
    worst = max(abs(whole[k] - parts[k]) / abs(whole[k]) for k in common)
    return f'losses of {len(common)} iterations differ by at most {worst:.1e} (0: equal)'


def waiting(out, run):
    lines = lines_of(out, run)[3:]
    if not lines:
        return 'not yet measured'
    data, whole = (statistics.median(line[key] for line in lines) for key in ('data_time', 'time'))
    return f'{1e3 * data:.2f} ms of {1e3 * whole:.2f} ms'


def waits(out, run):
    path = out / f'waits_{run}.json'
    iterations = len(lines_of(out, f'waits_{run}'))
    if not path.exists() or not iterations:
        return 'not yet measured'
    counts = json.loads(path.read_text())
    return ', '.join(f'{name} {calls / iterations:.2f}' for name, (calls, _) in counts.items()) + ' per iteration'


def steps(out, name):
    """The ratio to PyTorch and the seconds of a step, printed by bench/train_step.py."""
    found = re.findall(r'^\{.*\}$', text_of(out, name), re.M)
    return json.loads(found[-1]) if found else None


def operations_of_mae(width=768, layers=12, kept=49, decoder=512, decoder_layers=8, patches=196, pixels=768):
    """Floating-point operations of a step for one image: forward, and twice as many backward."""
    def transformer(tokens, d, n):
        return n * (24 * tokens * d * d + 4 * tokens * tokens * d)

    forward = (transformer(kept + 1, width, layers) + transformer(patches + 1, decoder, decoder_layers) +
               2 * patches * pixels * width + 2 * (kept + 1) * width * decoder + 2 * patches * decoder * pixels)
    return 3 * forward


def speed(out, name, batch, operations=None):
    result = steps(out, name)
    if result is None:
        return 'not yet measured'
    rate = batch / result['seconds']
    line = f'{1e3 * result["seconds"]:.2f} ms a step of {batch}, {rate:.0f} images/s, {result["ratio"]:.3f} of PyTorch'
    peak = next((value for key, value in PEAKS.items() if key in text_of(out, 'machine')), None)
    if operations and peak:
        line += f', MFU {100 * rate * operations / peak:.1f} %'
    return line


def main(out):
    rows = [('MAE: losses beside the CPU', compared(out, 'mae_cuda', 'mae_cpu')),
            ('FCOS: losses beside the CPU', compared(out, 'fcos_cuda', 'fcos_cpu')),
            ('MAE: resumed beside uninterrupted', resumed(out)),
            ('MAE: data_time', waiting(out, 'mae_cuda')), ('FCOS: data_time', waiting(out, 'fcos_cuda')),
            ('Mask R-CNN: data_time', waiting(out, 'mask_rcnn_cuda')),
            ('MAE: the host waits', waits(out, 'mae')), ('FCOS: the host waits', waits(out, 'fcos')),
            ('MAE ViT-B, bfloat16', speed(out, 'mae_b_steps', 256, operations_of_mae())),
            ('FCOS of the demo, float32', speed(out, 'fcos_steps', 10))]
    print('| step | result | time |\n| --- | --- | --- |')
    for line in (out / 'steps.txt').read_text().splitlines():
        print('| ' + ' | '.join(line.split('|')) + ' |')
    print('\n| what | measured |\n| --- | --- |')
    for name, value in rows:
        print(f'| {name} | {value} |')
    for name in ('machine', 'memory_tests', 'copies_and_kernels', 'memory_rates'):
        text = text_of(out, name).strip()
        if text:
            print(f'\n{name}:\n\n```\n' + '\n'.join(text.splitlines()[-24:]) + '\n```')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
