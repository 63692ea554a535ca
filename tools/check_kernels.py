#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles pinfeed/memory/kernels.cu for each architecture, with warnings as errors, and looks at the machine code:
the kernels use no local memory, the normalisation stores 16 bytes at once, and it has at most as many instructions
for 4 pixels as MOST says. Needs nvcc, but no GPU.

    tools/check_kernels.py FOLDER

FOLDER gets the objects. NVIDIA's disassembler is taken from the PATH, or from PyPI into FOLDER."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARCHITECTURES = ('80', '90', '100')
MOST = {1: 276, 2: 368, 3: 448, 4: 496}  # half of a kernel that divided and stored each value by itself, sm_90
WHEELS = ('nvidia-cuda-cuobjdump', 'nvidia-cuda-nvdisasm')


def compiled(architecture, folder):
    target = folder / f'kernels_{architecture}.cubin'
    subprocess.run(['nvcc', '-std=c++20', '-O3', f'-arch=sm_{architecture}', f'-I{ROOT}', '--expt-relaxed-constexpr',
                    '-Werror', 'all-warnings', '-Xptxas', '-warn-lmem-usage,-warn-spills', '-cubin', '-o', target,
                    ROOT / 'pinfeed/memory/kernels.cu'], check=True)
    return target


def environment(folder):
    """The environment with the folder of the disassembler in PATH."""
    if shutil.which('cuobjdump') and shutil.which('nvdisasm'):
        return os.environ
    tools = folder / 'disassembler'
    if not tools.exists():
        subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', tools, *WHEELS],
                       check=True)
    folders = {str(path.parent) for path in tools.rglob('cuobjdump')} | {str(path.parent)
                                                                         for path in tools.rglob('nvdisasm')}
    return dict(os.environ, PATH=os.pathsep.join([*folders, os.environ['PATH']]))


def kernels(cubin, env):
    """Pairs of a kernel's name and its instructions."""
    text = subprocess.run(['cuobjdump', '-sass', cubin], check=True, capture_output=True, text=True, env=env).stdout
    for part in re.split(r'\n\s*Function : ', text)[1:]:
        yield part.split('\n', 1)[0], re.findall(r'/\*[0-9a-f]{4,}\*/\s+(.*?);', part)


def faults(name, instructions, architecture):
    if any(re.search(r'\b(STL|LDL)\b', one) for one in instructions):
        yield 'uses local memory'
    shape = re.search(r'normalize_rowsI(f|6__half|13__nv_bfloat16)Li(\d)ELb', name)
    if not shape:
        return
    channels, pixels = int(shape[2]), 4 if shape[1] == 'f' else 8
    stores = sum('STG.E.128' in one for one in instructions)
    if stores != channels:
        yield f'has {stores} stores of 16 bytes instead of {channels}'
    most = MOST[channels] * pixels // 4
    if architecture == '90' and len(instructions) > most:
        yield f'has {len(instructions)} instructions for {pixels} pixels, more than {most}'


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    env = environment(folder)
    found, seen = [], 0
    for architecture in ARCHITECTURES:
        for name, instructions in kernels(compiled(architecture, folder), env):
            seen += 'normalize_rows' in name
            found += [f'sm_{architecture}: {name} {fault}' for fault in faults(name, instructions, architecture)]
    if seen != 24 * len(ARCHITECTURES):
        found.append(f'{seen} kernels of the normalisation instead of {24 * len(ARCHITECTURES)}')
    for line in found:
        print('error:', line, file=sys.stderr)
    print(f'{seen} kernels of the normalisation, {len(found)} faults')
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
