#!/usr/bin/env bash
# tools/demo.sh PINFEED [FOLDER] [SEED]: what ./run demo runs. Makes a synthetic data set, pre-trains a small ViT on all
# its images as a masked autoencoder, without labels; fine-tunes a detector from that with the labels of a few images
# and, with the same budget, one from scratch; evaluates both, and lists the results. A second call replaces them.
set -euo pipefail

pinfeed=$1
demo=${2:-demo}
seed=${3:-0}
configs=$(cd "$(dirname "${BASH_SOURCE[0]}")/../configs" && pwd)
export PINFEED_DEMO=$demo # the folder of data and weights in the configs

say() { printf '\n== %s\n' "$*" >&2; }

# timed NAME COMMAND...: runs it and keeps its seconds in seconds[NAME].
declare -A seconds
timed() {
  local name=$1 begin=$SECONDS
  shift
  "$@"
  seconds[$name]=$((SECONDS - begin))
}

last_of() { # the weights at the end of a run
  local newest
  newest=$(ls -t "$demo/$1"/epoch_*.safetensors | head -n 1)
  printf '%s' "$newest"
}

pretrain() { "$pinfeed" train "$configs/demo_mae.py" --work-dir "$demo/mae" --seed "$seed"; }

# finetune NAME OPTION...: a detector in FOLDER/NAME.
finetune() { "$pinfeed" train "$configs/demo_finetune.py" --work-dir "$demo/$1" --seed "$seed" "${@:2}"; }

evaluate() {
  "$pinfeed" eval "$configs/demo_finetune.py" "$(last_of "$1")" --work-dir "$demo/$1" --json \
    --cfg-options model.backbone.init_cfg=None >"$demo/$1/eval.json"
}

# stat NAME INDEX: one of COCO's twelve numbers.
stat() {
  python3 -c 'import json, sys; print("%.3f" % json.load(open(sys.argv[1]))["stats"][int(sys.argv[2])])' \
    "$demo/$1/eval.json" "$2"
}

row() { printf '%-28s %8s %8s %8ss\n' "$1" "$(stat "$2" 0)" "$(stat "$2" 1)" "${seconds[$2]}"; }

rm -rf "${demo:?}"/{shapes,mae,finetune,scratch}
say "1/4 generating a data set of shapes"
timed shapes "$pinfeed" shapes "$demo/shapes" --size 128 --images 1500 --val 100 --max-objects 5 \
  --min-radius 0.1 --max-radius 0.26 --hue-spread 0.2
say "2/4 pre-training: a masked autoencoder learns to reconstruct removed patches of 1500 images"
timed mae pretrain
say "3/4 fine-tuning a detector from the pre-trained encoder, with the labels of 40 images"
timed finetune finetune finetune
say "4/4 training the same detector from scratch, with the same 40 images and the same budget"
timed scratch finetune scratch --cfg-options model.backbone.init_cfg=None
evaluate finetune
evaluate scratch

cat <<TEXT

100 validation images, weights of the last epoch:
                                  mAP    mAP50    training
$(row "from MAE (+ ${seconds[mae]}s pre-training)" finetune)
$(row "from scratch" scratch)

${SECONDS}s in total. Results in $demo/:
  mae/curves.svg                        loss and learning rate of pre-training
  finetune/curves.svg, scratch/...      loss, learning rate and mAP of both detectors
  finetune/eval.json, scratch/...       COCO's twelve numbers
$(find "$demo/finetune" -name '*.png' | sort | head -n 1 | sed 's|^'"$demo"'/|  |; s|$|  and others: images with detections|')
TEXT
