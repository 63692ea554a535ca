# SPDX-License-Identifier: Apache-2.0
# move_tree.sh PREFIX TORCH SOURCE: the installed tree works at another place, and finds torch as
# docs/installing.md says.
prefix=$1 torch=$2 source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -a "$prefix" "$work/moved"
moved=$work/moved
unset PINFEED_TORCH VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH CMAKE_PREFIX_PATH

fail() {
  echo "move_tree.sh: $*"
  exit 1
}

for file in "$moved"/bin/pinfeed "$moved"/lib*/libpinfeed*.so "$moved"/lib/*/libpinfeed*.so; do
  [ -e "$file" ] || continue
  readelf -d "$file" | sed -n 's/.*R\(UN\)\?PATH.*\[\(.*\)\]/\2/p' | tr : '\n' >"$work/folders"
  if grep -vn '^\$ORIGIN' "$work/folders"; then fail "an RPATH of $file leaves the tree"; fi
done
if grep -rlF -e "$torch" "$moved" --include='*.cmake'; then fail "it knows the torch of its build"; fi

groups() { (cd "$work" && "$moved/bin/pinfeed" lr --groups --epoch-length 1 "$source/configs/bccd_finetune.py" 2>&1); }
status=0
text=$(groups) || status=$?
[ "$status" = 5 ] || fail "without torch the exit code is $status: $text"
case $text in *"set PINFEED_TORCH to"*) ;; *) fail "the error does not say how torch is found: $text" ;; esac
status=0
text=$(PINFEED_TORCH=$work groups) || status=$?
[ "$status" = 5 ] || fail "PINFEED_TORCH names no torch, and the exit code is $status: $text"
PINFEED_TORCH=$torch groups >"$work/groups" || fail "PINFEED_TORCH does not help: $(cat "$work/groups")"
mkdir -p "$work/venv/lib/python3.11/site-packages"
ln -s "$torch" "$work/venv/lib/python3.11/site-packages/torch"
VIRTUAL_ENV=$work/venv groups >"$work/groups" || fail "VIRTUAL_ENV does not help: $(cat "$work/groups")"
LD_LIBRARY_PATH=$torch/lib groups >"$work/groups" || fail "LD_LIBRARY_PATH does not help: $(cat "$work/groups")"

# Without /proc the program does not know its own folder.
if unshare -m mount -t tmpfs none /proc 2>/dev/null; then
  mkdir -p "$work/here/lib"
  echo 'no library' >"$work/here/libpinfeed_train.so"
  cp "$work/here/libpinfeed_train.so" "$work/here/lib"
  LD_LIBRARY_PATH=$(dirname "$(find "$moved" -name libpinfeed_train.so)") PINFEED_TORCH=$torch unshare -m sh -ec "
    mount -t tmpfs none /proc
    cd $work/here
    $moved/bin/pinfeed lr --groups --epoch-length 1 $source/configs/bccd_finetune.py" >"$work/groups" 2>&1 ||
    fail "without /proc: $(cat "$work/groups")"
fi

cat >"$work/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(pinfeed REQUIRED COMPONENTS train)
get_target_property(library pinfeed::train IMPORTED_LOCATION)
get_target_property(includes pinfeed::train INTERFACE_INCLUDE_DIRECTORIES)
foreach(path ${library} ${includes})
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "there is no ${path}")
  endif()
endforeach()
CMAKE
for path in "$torch" "$torch/share/cmake" "$work/venv"; do
  rm -rf "$work/build"
  cmake -S "$work" -B "$work/build" "-DCMAKE_PREFIX_PATH=$moved;$path" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
done
rm -rf "$work/build"
PINFEED_TORCH=$torch cmake -S "$work" -B "$work/build" "-DCMAKE_PREFIX_PATH=$moved" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
rm -rf "$work/build"
if cmake -S "$work" -B "$work/build" "-DCMAKE_PREFIX_PATH=$moved" >"$work/log" 2>&1; then fail "pinfeed::train without torch"; fi
grep -q 'set PINFEED_TORCH to' "$work/log" || fail "$(cat "$work/log")"
echo "the tree can be moved"
