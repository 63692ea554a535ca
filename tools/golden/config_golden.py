# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/config/language.json and trees.json: what OpenMMLab reads in small configs.

Needs mmengine (made with 0.10.7): python tools/golden/config_golden.py
"""
import json
import os
import re
import sys
import tempfile
import warnings
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.config import utils as config_utils

from config_cases import GROUPS

FOLDER = Path(__file__).resolve().parents[2] / 'tests' / 'golden' / 'config'
NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
ENVIRONMENT = dict(PINFEED_GOLDEN_SET='from env', PINFEED_GOLDEN_NUMBER='12')

# Options laid over tests/golden/config/options.py, one list per case.
OPTIONS = [
    ['a=1'], ['a=1', 'a=2'], ['a=1_000', 'b=-7', 'c=+3', 'd=007'], ['a=1e-3', 'b=.5', 'c=inf', 'd=-inf', 'e=5.'],
    ['a=true', 'b=False', 'c=None', 'd=none', 'e=TRUE'], ['a=x y z', "b='q'", 'c="1"', 'd=\'"x"\'', 'e='],
    ['a=1,2', 'b=1,', 'c=[1,2]', 'd=(1,2)', 'e=[]', 'f=()', 'g=[[1,2],(3,4)]', 'h=(1,)', 'i=[a, b]', 'j=,'],
    ['a={x: 1}', 'b=a=b', 'c=[1,(2,[3,x])]', "d=['a','b']", 'e=[None,true,1.5]', 'f=0x10', 'g=1e5'],
    ['model.depth=101', 'model.neck.type=BFPN', 'model.new.deep.key=1'],
    ['pipeline.1.scale=(640,640)', 'pipeline.0.x=1', 'pipeline.01.y=2'],
    ['model._delete_=True', 'model.type=X'], ['model.type=X', 'model._delete_=True'],
    ['pipeline=[]'], ['number.x=1'], ['none.x=1'], ['pipeline.5.x=1'], ['pipeline.-1.x=1'], ['pipeline.0=9'],
    ['sizes.0=3'], ['sizes=(1,2)'], ['numbers.0=9'], ['model=5'], ['model.depth.x=1'], ['pipeline.name=1'],
    ['a=[1,2', 'b=x'], ['a=[1,[2]'], ['a=(1,2]'], ['a=[12'], ['a=1', 'a.b=2'], ['nested.0.1.k=5'],
    ['a=nan'], ['a=9223372036854775807'], ['new._delete_=True', 'new.x=1'], ['_delete_=True'],
    ['pipeline.1._delete_=True', 'pipeline.1.x=1'], ['model._delete_=False'], ['nested.0.0._delete_=True'],
]


def shown(value):
    """As pinfeed's repr."""
    if isinstance(value, dict):
        items = [(key, dict.__getitem__(value, key)) for key in dict.keys(value)]
        if all(isinstance(key, str) and NAME.fullmatch(key) for key, _ in items):
            return 'dict(' + ', '.join(f'{key}={shown(item)}' for key, item in items) + ')'
        return '{' + ', '.join(f'{key!r}: {shown(item)}' for key, item in items) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(shown, value)) + ']'
    if isinstance(value, tuple):
        return '(' + ', '.join(map(shown, value)) + (',)' if len(value) == 1 else ')')
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise TypeError('no value of a config')
    return repr(value)


def tree(path, options=()):
    try:
        config = Config.fromfile(path, import_custom_modules=False)
        if options:
            given = {}
            for option in options:
                key, value = option.split('=', maxsplit=1)
                given[key] = DictAction._parse_iterable(value)
            config.merge_from_dict(given)
        return shown(config._cfg_dict)
    except Exception:
        return 'error'


def language():
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'case.py'
        for group, texts in GROUPS.items():
            for text in texts:
                path.write_text(text, encoding='utf-8')
                cases.append(dict(group=group, text=text, tree=tree(str(path))))
    return cases


def trees():
    files = sorted(path.name for path in FOLDER.glob('*.py'))
    cases = [dict(file=name, options=[], tree=tree(str(FOLDER / name))) for name in files]
    return cases + [dict(file='options.py', options=options, tree=tree(str(FOLDER / 'options.py'), options))
                    for options in OPTIONS]


def write(name, cases):
    lines = [json.dumps(case, ensure_ascii=False) for case in cases]
    text = '{"cases": [\n' + ',\n'.join(lines) + '\n]}\n'
    text = text.replace('{{', '{\\u007b')  # no template of this file itself
    (FOLDER / name).write_text(text, encoding='utf-8')
    print(name, len(cases), sum(case['tree'] == 'error' for case in cases), 'errors')


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    # In a virtual environment 'import copy' would count as a module of somebody else.
    config_utils.SYSTEM_PYTHON_PREFIX = os.path.dirname(os.__file__)
    os.environ.update(ENVIRONMENT)
    os.environ.pop('PINFEED_GOLDEN_UNSET', None)
    sys.path.insert(0, str(Path(__file__).parent))
    write('language.json', language())
    write('trees.json', trees())
