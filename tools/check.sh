#!/usr/bin/env bash
# tools/check.sh [CHECK...]: runs the named checks in the order given, by default all but `tests`.
#
#   format   clang-format, on the changed C++ files
#   alone    the changed C++ files, headers too, compile by themselves: no unity build, no
#            precompiled header
#   tidy     clang-tidy, on the changed sources that need no libtorch
#   tests    the release build without warnings, and all tests
#   threads  the tests of concurrent code under ThreadSanitizer
#   memory   all tests that need no libtorch under AddressSanitizer and UBSan
#   cuda     the CUDA preset and the machine code of its kernels, where nvcc is installed
#
# Each check has a time limit: TESTS_SECONDS, MEMORY_SECONDS and so on replace the default. A check
# that reaches its limit does not fail; the files and tests it did not reach are the last lines of
# the output. The exit status is 1 if a check failed. PINFEED_BASE names the commit that changed
# files are compared with; CTEST_REGEX restricts the tests that are run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A limits=([format]=30 [alone]=120 [tidy]=150 [tests]=1800 [threads]=600 [memory]=1500 [cuda]=300)
jobs=${JOBS:-$(nproc)}
report=build/check
# Trace, pool, batch buffers, device and transfer, also with CUDA's stand-in, the loader and its stress test.
concurrent='^(core\.Trace|memory\.|data\.(Loader|LoaderStress|Replay)|cuda_standin(_delays|_sync)?\.(Transfer|Cuda))'
concurrent_programs=(core_test memory_test data_test cuda_standin_test)

say() { printf '%s\n' "-- $*" >&2; }

# The seconds that the current check has left; at least 1, because 0 means no limit to `timeout`.
seconds_left() {
  local left=$((deadline - SECONDS))
  printf '%s' $((left > 1 ? left : 1))
}

within_limit() { timeout --kill-after=20 "$(seconds_left)" "$@"; }

is_timeout() { (($1 == 124 || $1 == 137)); }

# Notes the lines of standard input as not reached by the current check.
note_not_reached() { sed "s|^|$check: |" >>"$report/not_reached"; }

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

# for_each_file FUNCTION: runs the exported FUNCTION with each file named on standard input, several
# at once. Fails if one of them failed.
for_each_file() {
  local files status=0
  mapfile -t files
  ((${#files[@]})) || return 0
  say "$check: ${#files[@]} files, for at most $(seconds_left) s"
  finished=$report/$check.finished
  failed_files=$report/$check.failed
  export finished failed_files
  : >"$finished"
  : >"$failed_files"
  printf '%s\0' "${files[@]}" |
    within_limit xargs -0 -n 1 -P "$jobs" bash -c '
      status=0
      "$0" "$1" || status=$?
      ((status >= 128)) || printf "%s\n" "$1" >>"$finished"
      ((status == 0 || status >= 128)) || printf "%s\n" "$1" >>"$failed_files"
      exit $((status != 0))' "$1" || status=$?
  printf '%s\n' "${files[@]}" | grep -vxFf "$finished" | note_not_reached || true
  [[ ! -s $failed_files ]] || return 1 # also when the time ran out after the failure
  is_timeout "$status" || return "$status"
}

format_file() { clang-format --dry-run -Werror "$1"; }
check_format() { changed_files | for_each_file format_file; }

# A header is compiled as a source that includes only this header, twice.
compile_alone() {
  local include="#include \"$1\""
  if [[ $1 == *.h ]]; then
    g++ "${alone_flags[@]}" -x c++ - <<<"$include"$'\n'"$include"
  else
    g++ "${alone_flags[@]}" "$1"
  fi || { printf 'error: %s does not compile alone\n' "$1" >&2 && return 1; }
}

# compile_alone with the flags of all targets together; bash cannot export an array.
compile_file() {
  local alone_flags
  mapfile -t alone_flags <<<"$alone_flag_lines"
  compile_alone "$1"
}

# The flags for nanobind, of the environment that `./run test` makes; nothing without it.
python_flags() {
  local python=build/python-venv/bin/python
  [[ ! -x $python ]] || "$python" -c 'import nanobind, sysconfig
for folder in nanobind.include_dir(), sysconfig.get_path("include"): print("-isystem", folder, sep="\n")' 2>/dev/null || true
}

# The changed files whose libraries are installed; notes the others as not reached.
compilable_files() {
  local without='/device_cuda\.cpp$'
  [[ -n $1 ]] || without+='|^(pinfeed|tests)/(models|train)/|^bench/(train_steps|gpu_bench)'
  [[ -n $(python_flags) ]] || without+='|^pinfeed/python/'
  g++ -fsyntax-only -x c++ - <<<'#include <benchmark/benchmark.h>' 2>/dev/null || without+='|^bench/.*\.cpp$'
  { changed_files | grep -E "$without" || true; } | sed 's|$| (its libraries are not installed)|' | note_not_reached
  changed_files | grep -vE "$without" || true
}

check_alone() {
  local torch flags
  torch=$(./run torch) || torch=""
  flags=(-std=c++20 -fsyntax-only -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-restrict -Werror -I.
    '-DPINFEED_SOURCE_DIR="."' '-DPINFEED_BINARY_DIR="."' '-DPINFEED_TORCH_VERSION="0"' -DFMT_HEADER_ONLY)
  mapfile -t -O "${#flags[@]}" flags < <(python_flags)
  [[ -z $torch ]] || flags+=(-isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include")
  alone_flag_lines=$(printf '%s\n' "${flags[@]}")
  export alone_flag_lines
  compilable_files "$torch" | for_each_file compile_file
}

# The sources that need no libtorch; with it each would take a minute.
compiled_files() { sed -n "s|.*\"file\": \"$PWD/\(.*\)\".*|\1|p" build/tidy/compile_commands.json; }

tidy_file() { clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p build/tidy "$1"; }

check_tidy() {
  cmake --preset asan -B build/tidy -DPINFEED_UNITY=OFF >/dev/null || return
  { changed_files | grep -Fxf <(compiled_files) || true; } | for_each_file tidy_file
}

# unbuilt_files PRESET TARGET...: the sources that ninja still has to compile.
unbuilt_files() {
  local object unity
  [[ -f build/$1/build.ninja ]] || { echo "all files: the build is not configured" && return; }
  sed '/^build build\.ninja/,/^$/d' "build/$1/build.ninja" >"build/$1/unbuilt.ninja" # without the step that runs CMake
  ninja -C "build/$1" -f unbuilt.ninja -n "${@:2}" | sed -n 's|.*Building CXX object CMakeFiles/\([^ ]*\)\.o$|\1|p' |
    while read -r object; do
      unity=build/$1/CMakeFiles/$object
      if [[ $object == */Unity/* && -f $unity ]]; then
        sed -n "s|^#include \"$PWD/\(.*\)\"|\1|p" "$unity"
      else
        printf '%s\n' "${object#*.dir/}"
      fi
    done
}

# build PRESET TARGET...: fails if the build fails, and with 124 if it does not end in time.
build() {
  local status=0
  within_limit ./run build "$@" || status=$?
  is_timeout "$status" || return "$status"
  say "$check: the build did not end in time, no test was run"
  { unbuilt_files "$@" | sed 's|$| (not compiled)|' && echo "all tests: the build did not end"; } | note_not_reached
  return 124
}

# The lines of ctest's output for tests that ended: a test which the limit interrupts, or one that
# needs such a test, did not.
ended_tests() {
  grep -E '^ *[0-9]+/[0-9]+ Test +#[0-9]+:' "$1" |
    if ((SECONDS >= deadline - 2)); then
      grep -vE '\*\*\*(Timeout +([0-9]{1,2}|[12][0-9]{2})\.|Not Run)' || true
    else
      cat
    fi
}

# run_tests PRESET OPTION...: runs ctest until the limit. Fails if a test failed.
run_tests() {
  local log=$report/$check.log status=0 tests=(ctest --test-dir "build/$1" "${@:2}")
  [[ -z ${CTEST_REGEX:-} ]] || tests+=(-R "$CTEST_REGEX")
  "${tests[@]}" -N | sed -nE 's/^ *Test +#([0-9]+): (.*)$/\1 \2/p' >"$report/$check.tests"
  "${tests[@]}" --output-on-failure --no-tests=error -j "$jobs" \
    --stop-time "$(date -d "+$(seconds_left) seconds" +%T)" | tee "$log" || status=$?
  ended_tests "$log" | sed -E 's/^[^#]*#([0-9]+):.*/\1/' >"$report/$check.finished"
  awk 'NR == FNR { ended[$1]; next } !($1 in ended)' "$report/$check.finished" "$report/$check.tests" |
    cases_counted | note_not_reached
  ((status == 0 || SECONDS < deadline - 2)) && return "$status"
  ! ended_tests "$log" | grep -qE '\*\*\*(Failed|Exception|Timeout)|Bad Command'
}

# Lines "NUMBER PROGRAM.SUITE.TEST/PARAMETER" as "PROGRAM.SUITE.TEST", with the number of parameters.
cases_counted() {
  sed -E 's/^[0-9]+ //; s|^([^.]+\.[^.]+\.[^./]+)/.*|\1|' | uniq -c |
    sed -E 's/^ *1 //; s/^ *([0-9]+) (.*)/\2 (\1 cases)/'
}

check_tests() { PINFEED_WERROR=ON build release && run_tests release; }

check_memory() {
  build asan && ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 run_tests asan
}

check_threads() {
  build tsan "${concurrent_programs[@]}" && TSAN_OPTIONS=halt_on_error=1 run_tests tsan -R "$concurrent"
}

# The library, the program and the tests of the one module that differs from the release build; the
# machine code of the kernels.
check_cuda() {
  command -v nvcc >/dev/null || return 0
  local python=.venv/bin/python
  [[ -x $python ]] || python=python3
  within_limit "$python" tools/check_kernels.py build/kernels || return
  build cuda pinfeed memory_test || return
  local status=0
  within_limit build/cuda/memory_test --gtest_brief=1 || status=$?
  ! is_timeout "$status" || echo "memory_test: did not end" | note_not_reached
  return "$status"
}

export -f format_file compile_file compile_alone tidy_file
rm -rf "$report"
mkdir -p "$report"
: >"$report/not_reached"
failed=()
(($#)) || set -- format alone tidy threads memory cuda
for check in "$@"; do
  declare -F "check_$check" >/dev/null || { say "there is no check '$check'" && exit 2; }
  variable=${check^^}_SECONDS
  begin=$SECONDS
  deadline=$((SECONDS + ${!variable:-${limits[$check]}}))
  say "$check"
  status=0
  "check_$check" || status=$?
  say "$check: $((SECONDS - begin)) s"
  is_timeout "$status" || ((status == 0)) || failed+=("$check")
done

# The tests that failed, a line each, as ctest wrote them.
failed_tests() { grep -hE '^ *[0-9]+/[0-9]+ Test +#[0-9]+:.*\*\*\*' "$report"/*.log 2>/dev/null | grep -v 'Skipped' || true; }

((${#failed[@]})) && say "failed: ${failed[*]}" || say "no check failed"
((${#failed[@]} == 0)) || failed_tests >&2
if [[ -s $report/not_reached ]]; then
  say "not checked, because the time limit was reached or a library is missing:"
  cat "$report/not_reached" >&2
fi
((${#failed[@]} == 0))
