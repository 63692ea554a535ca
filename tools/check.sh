#!/usr/bin/env bash
# What .ci/run adds to the tests: format and clang-tidy on what changed, the tests that need no
# libtorch under AddressSanitizer and UBSan, the concurrent ones under ThreadSanitizer, and the CUDA
# preset where nvcc is. PINFEED_BASE names the commit to compare with; TIDY_SECONDS bounds clang-tidy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=${JOBS:-$(nproc)}
# Trace, pool, batch buffers, device and transfer, the loader and its stress test.
concurrent='^(core\.Trace|memory\.|data\.(Loader|LoaderStress|Replay))'
concurrent_programs=(core_test memory_test data_test)

say() { printf '%s\n' "-- $*" >&2; }

# The C++ files that differ from the base: the merge base with origin's main branch, or the last
# commit when this is that branch; all of them when neither is known.
changed_files() {
  local base=${PINFEED_BASE:-}
  [[ -n $base ]] || base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  [[ $base != "$(git rev-parse HEAD)" ]] || base=$(git rev-parse --verify --quiet HEAD~1 || true)
  if [[ -n $base ]]; then
    git diff --name-only --diff-filter=d "$base" -- '*.h' '*.cpp'
  else
    git ls-files '*.h' '*.cpp'
  fi
}

check_format() {
  local files
  mapfile -t files < <(changed_files)
  ((${#files[@]})) || return 0
  say "clang-format on ${#files[@]} files"
  clang-format --dry-run -Werror "${files[@]}"
}

# The sources that need no libtorch; with it each would take a minute.
compiled_files() { sed -n "s|.*\"file\": \"$PWD/\(.*\)\".*|\1|p" build/tidy/compile_commands.json; }

check_tidy() {
  local files
  cmake --preset asan -B build/tidy -DPINFEED_UNITY=OFF >/dev/null
  mapfile -t files < <(changed_files | grep -Fxf <(compiled_files) || true)
  ((${#files[@]})) || return 0
  say "clang-tidy on ${#files[@]} files, for at most ${TIDY_SECONDS:-1200} s"
  local status=0
  printf '%s\0' "${files[@]}" |
    timeout "${TIDY_SECONDS:-1200}" xargs -0 -n 1 -P "$jobs" \
      clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p build/tidy || status=$?
  ((status != 124)) || { say "clang-tidy: out of time, the rest was not looked at" && status=0; }
  return "$status"
}

check_memory() {
  say "AddressSanitizer and UndefinedBehaviorSanitizer"
  ./run build asan &&
    ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
      ctest --test-dir build/asan --output-on-failure -j "$jobs"
}

check_threads() {
  say "ThreadSanitizer"
  ./run build tsan "${concurrent_programs[@]}" &&
    TSAN_OPTIONS=halt_on_error=1 ctest --test-dir build/tsan --output-on-failure --no-tests=error -j "$jobs" \
        -R "$concurrent"
}

# The library, the program and the tests of the one room that differs from the release build.
check_cuda() {
  command -v nvcc >/dev/null || return 0
  say "the CUDA preset"
  ./run build cuda pinfeed memory_test && build/cuda/memory_test --gtest_brief=1
}

# Every check has its say, whatever the ones before it found.
failed=()
for check in format memory tidy threads cuda; do
  "check_$check" || failed+=("$check")
done
((${#failed[@]} == 0)) || { say "not clean: ${failed[*]}" && exit 1; }
say "all checks passed"
