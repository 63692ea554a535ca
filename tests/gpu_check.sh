#!/usr/bin/env bash
# tools/gpu_check without a GPU: gathers the programs of BUILD, runs all steps, and looks at what it prints.
#
#   tests/gpu_check.sh BUILD TORCH
set -euo pipefail
build=$1 torch=$2
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export GPU_CHECK_FOLDER=$build/gpu_check_test GPU_CHECK_IMAGES=30 CUDA_VISIBLE_DEVICES= PINFEED_TORCH=$torch

tools/gpu_check prepare "$build"
printed=$(tools/gpu_check run)
printf '%s\n' "$printed"

expect() {
  grep -qE "$1" <<<"$printed" || { echo "nothing printed matches: $1" && exit 1; }
}
for step in machine data mae_cpu fcos_cpu; do expect "^\| $step \| done \|"; done
for step in memory_tests copies_and_kernels mae_cuda mae_resumed fcos_cuda mae_b_steps mask_rcnn_cuda waits_mae; do
  expect "^\| $step \| needs a GPU \|"
done
expect '^\| MAE: losses beside the CPU \| not yet measured \|'
expect '^\| MAE ViT-B, bfloat16 \| not yet measured \|'
# The programs that were gathered are those that ran.
[[ -s $GPU_CHECK_FOLDER/out/mae_cpu.txt && -d $GPU_CHECK_FOLDER/out/demo/shapes ]]
grep -q 'Epoch(train)' "$GPU_CHECK_FOLDER/out/mae_cpu.txt"
rm -rf "$GPU_CHECK_FOLDER"
