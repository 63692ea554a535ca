#!/usr/bin/env bash
# Adds what the tests of pinfeed.mmengine and pinfeed.torch need to a virtual environment:
#
#   tools/openmmlab_venv.sh VENV
#
# mmengine, mmdet and mmpretrain with mmcv-lite, and torchvision. The second time it is quick. Fails if the environment
# has no torch, and without a network: the tests that need the packages are skipped then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$1

install() { "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }

done_file=$venv/openmmlab.txt
wanted=$(sha256sum "${BASH_SOURCE[0]}" "$here/torchvision_on_cpu.sh" | cut -c1-64)
[[ ! -f $done_file || $(cat "$done_file") != "$wanted" ]] || exit 0

"$venv/bin/python" -c 'import torch'
# Without their dependencies: mmengine and mmcv name opencv-python, which needs the libraries of a desktop, and
# torchvision names a torch for CUDA.
install --no-deps mmengine==0.10.7 mmcv-lite==2.1.0 mmdet==3.3.0 mmpretrain==1.2.0 torchvision==0.28.0 \
  'opencv-python-headless<5'
install numpy 'setuptools<81' addict matplotlib pyyaml rich termcolor yapf packaging pillow pycocotools shapely scipy \
  terminaltables six tqdm einops modelindex model-index ordered-set mat4py importlib_metadata tabulate click
# The maintained fork of mmengine has its module name; the tests put this folder in front.
install --no-deps --target "$venv/onedl" --upgrade onedl-mmengine==0.10.12
"$here/torchvision_on_cpu.sh" "$venv"
printf '%s' "$wanted" >"$done_file"
