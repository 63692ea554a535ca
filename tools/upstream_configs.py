#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints which configs of OpenMMLab projects pinfeed can train, and the reasons that stop the others, as Markdown: the
tables of docs/upstream_configs.md. Usage: tools/upstream_configs.py CHECKOUT... A checkout is a folder with configs/ in
it. Reads each config with `pinfeed config --check` (PINFEED, or build/release/pinfeed); no data are needed."""
import collections
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PINFEED = os.environ.get('PINFEED', str(ROOT / 'build' / 'release' / 'pinfeed'))
REASONS = 10  # rows of a table
NAMES = 6  # examples of a row


def configs_in(checkout):
    """Whole configs: those in _base_ and common are parts of others."""
    files = sorted((checkout / 'configs').rglob('*.py'))
    return [file for file in files if not {'_base_', 'common'} & set(file.relative_to(checkout).parts)]


def verdicts(checkout, config):
    """The reasons why pinfeed does not train a config, each as (kind, name); None for a file without a model."""
    run = subprocess.run([PINFEED, 'config', str(config.relative_to(checkout)), '--check'], cwd=checkout,
                         capture_output=True, text=True)
    if run.returncode != 0:
        return {split_reason(run.stderr.split('\n')[0].removeprefix('error: '))}
    if not re.search(r'^model(\.| )', run.stdout, re.MULTILINE):
        return None
    found = re.findall(r'^(\S+) .*  not supported: (.*)$', run.stdout, re.MULTILINE)
    return {split_reason(text, key) for key, text in found}


def split_reason(text, key=''):
    """The reason without its name, and the name: 'there is no model', 'DETR'."""
    name = re.search(r"'([^']*)'", text)
    kind = re.sub(r"\[\d+\]", '', re.sub(r" '[^']*'", '', text))
    return kind, name.group(1) if name else key.split('.')[-1]


def table_of(checkout):
    with_reason, alone = collections.defaultdict(set), collections.Counter()
    names = collections.defaultdict(collections.Counter)
    whole = trained = 0
    for config in configs_in(checkout):
        reasons = verdicts(checkout, config)
        if reasons is None:
            continue
        whole += 1
        trained += not reasons
        kinds = {kind for kind, _ in reasons}
        for kind, name in reasons:
            with_reason[kind].add(config)
            names[kind][name] += 1
        if len(kinds) == 1:
            alone.update(kinds)
    print(f'{checkout.name}: {trained} of {whole} configs can train.\n')
    print('| reason | configs | it alone | most often |\n| --- | --- | --- | --- |')
    for kind, configs in sorted(with_reason.items(), key=lambda item: -len(item[1]))[:REASONS]:
        often = ', '.join(f'{name} {count}' for name, count in names[kind].most_common(NAMES))
        print(f'| {kind} | {len(configs)} | {alone[kind]} | {often} |')
    print()


if __name__ == '__main__':
    for folder in sys.argv[1:]:
        table_of(pathlib.Path(folder).absolute())
