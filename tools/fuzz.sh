#!/usr/bin/env bash
# Runs each reader of configs on inputs that libFuzzer makes up: tools/fuzz.sh [SECONDS]
#
# Needs clang with its fuzzer (Debian: clang). Starts from the repository's own configs; what it
# finds is left in build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
compiler=$(command -v clang++ || command -v clang++-14)

cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DPINFEED_SANITIZE=fuzzer-no-link,address,undefined -DPINFEED_TESTS=OFF -DPINFEED_FUZZ=ON >&2
ninja -C build/fuzz -j "${JOBS:-$(nproc)}" fuzz_python fuzz_json fuzz_yaml fuzz_options >&2

for reader in python json yaml options; do
  corpus=build/fuzz/corpus/$reader
  mkdir -p "$corpus"
  case $reader in
    python) cp configs/*.py tests/golden/config/*.py "$corpus" ;;
    json) cp tests/golden/config/*.json "$corpus" ;;
    yaml) printf 'a: &x {b: [1, 2.5, on], 3: "q"}\nc: {<<: *x}\n_base_: []\n' >"$corpus/seed" ;;
    options) printf 'a.b.0.c=[1,(2,x)]\na.d=None\ne.f=1e-3\n' >"$corpus/seed" ;;
  esac
  echo "== $reader, $seconds s"
  (cd build/fuzz && ./fuzz_$reader -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
    -print_final_stats=1 -verbosity=0 "corpus/$reader" 2>&1 | grep -v '^INFO' || exit 1)
done
