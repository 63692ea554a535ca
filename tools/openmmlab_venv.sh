#!/usr/bin/env bash
# Adds what the tests of pinfeed.mmengine and pinfeed.torch need to a virtual environment that exists:
#
#   tools/openmmlab_venv.sh VENV [TORCH]
#
# mmengine, mmdet and mmpretrain with mmcv-lite, torchvision, and torch. TORCH is <site-packages>/torch of another
# environment whose torch is used; without it torch is installed. Without a network it says what is missing and ends
# with 1: the tests that need it are skipped then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$1
torch=${2:-}

install() { "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }

done_file=$venv/openmmlab.txt
wanted=$(sha256sum "${BASH_SOURCE[0]}" "$here/torchvision_on_cpu.sh" | cut -c1-64; echo "$torch")
[[ ! -f $done_file || $(cat "$done_file") != "$wanted" ]] || exit 0

if [[ -n $torch ]]; then
  dirname "$torch" >"$(echo "$venv"/lib/python3*/site-packages)/torch_of_another_environment.pth"
else
  install torch==2.13.0
fi
# These name opencv-python, which needs the libraries of a desktop, and others that are not used here.
install --no-deps mmengine==0.10.7 mmcv-lite==2.1.0 mmdet==3.3.0 mmpretrain==1.2.0 torchvision==0.28.0 \
  'opencv-python-headless<5'
install numpy==2.4.6 'setuptools<81' addict matplotlib pyyaml rich termcolor yapf packaging pillow pycocotools shapely \
  scipy terminaltables six tqdm einops modelindex model-index ordered-set mat4py importlib_metadata tabulate click
# The maintained fork has the same module name; tests put this folder in front.
install --no-deps --target "$venv/onedl" --upgrade onedl-mmengine==0.10.12
"$here/torchvision_on_cpu.sh" "$venv"
printf '%s' "$wanted" >"$done_file"
