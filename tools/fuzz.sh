#!/usr/bin/env bash
# Fuzzes the readers of configs, images, annotations and checkpoints with libFuzzer:
# tools/fuzz.sh [SECONDS] [READER...]
#
# Needs clang with libFuzzer (Debian: clang). The first inputs are files of the repository. Inputs
# that fail are written to build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
readers=("${@:2}")
[ ${#readers[@]} -gt 0 ] || readers=(python json yaml options jpeg png coefficients record coco rle pth)
compiler=$(command -v clang++ || command -v clang++-14)

cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DPINFEED_SANITIZE=fuzzer-no-link,address,undefined -DPINFEED_TESTS=OFF -DPINFEED_FUZZ=ON >&2
ninja -C build/fuzz -j "${JOBS:-$(nproc)}" "${readers[@]/#/fuzz_}" >&2

segmentations=(
  '[[1.5,1,8.25,1,8,6]]' '[[0,0,3,0,3,3],[-2,4,20,5,6,30]]' '[[1,2,3,4]]' '{"counts":[3,50,55],"size":[9,12]}'
  '{"counts":"3b15T1","size":[9,12]}' '{"size":null,"counts":[108]}' '[]'
)
coco='{"images":[{"id":7,"file_name":"a","width":12,"height":9}],"categories":[{"id":1,"name":"x"}],"annotations":[%s]}'
box='"image_id":7,"category_id":1,"bbox":[1,2,3.5,4e0],"area":9'

for reader in "${readers[@]}"; do
  corpus=build/fuzz/corpus/$reader
  longest=4096
  mkdir -p "$corpus"
  case $reader in
    python) cp configs/*.py tests/golden/config/*.py "$corpus" ;;
    json) cp tests/golden/config/*.json "$corpus" ;;
    yaml) printf 'a: &x {b: [1, 2.5, on], 3: "q"}\nc: {<<: *x}\n_base_: []\n' >"$corpus/seed" ;;
    jpeg | coefficients) longest=8192 && cp tests/golden/images/{rgb_4*,progressive_420,grey,restart_420,exif_6,pixel}*.jpg "$corpus" ;;
    png) cp tests/golden/images/*.png "$corpus" ;;
    pth) longest=8192 && cp tests/golden/pth/* "$corpus" ;;
    rle) for i in "${!segmentations[@]}"; do printf '%s' "${segmentations[i]}" >"$corpus/$i"; done ;;
    coco)
      for i in "${!segmentations[@]}"; do
        # shellcheck disable=SC2059
        printf "$coco" "{\"id\":$i,$box,\"iscrowd\":0,\"segmentation\":${segmentations[i]}}" >"$corpus/$i"
      done
      ;;
    options) printf 'a.b.0.c=[1,(2,x)]\na.d=None\ne.f=1e-3\n' >"$corpus/seed" ;;
  esac
  echo "== $reader, $seconds s"
  (cd build/fuzz && ./fuzz_$reader -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="$longest" \
    -print_final_stats=1 -verbosity=0 "corpus/$reader" 2>&1 | grep -v '^INFO' || exit 1)
done
