#!/usr/bin/env bash
# Lets torchvision's wheel of PyPI, which is for CUDA, run beside a torch for CPUs: tools/torchvision_on_cpu.sh VENV
#
# Makes VENV/stub with libraries of the names that the wheel needs, whose functions do nothing. They are loaded before
# torchvision, see tools/upstream.py. Needs gcc and nm.
set -euo pipefail
venv=$1
library=$(echo "$venv"/lib/python3*/site-packages/torchvision/_C*.so)
stub=$venv/stub
mkdir -p "$stub"

# functions PATTERN: C code that defines the functions of the CUDA libraries that match.
functions() {
  nm -D --undefined-only "$library" | awk '{print $2}' | grep -E "$1" | sed 's/@.*//' | sort -u | while read -r name; do
    if [[ $name == *9allocatorE ]]; then echo "void* $name[64];"; else echo "long $name(void) { return 0; }"; fi
  done
}

# make_library NAME PATTERN [OPTION...]
make_library() {
  functions "$2" | gcc -shared -fPIC -fno-builtin -o "$stub/$1" -Wl,-soname,"$1" "${@:3}" -x c -
}

echo 'libcudart.so.13 { global: *; };' >"$stub/cudart.map"
make_library libcudart.so.13 'libcudart' -Wl,--version-script="$stub/cudart.map"
make_library libc10_cuda.so '^_ZNK?3c10.*cuda|^_ZNK?2at4cuda'
echo 'int pinfeed_nothing;' | gcc -shared -fPIC -o "$stub/libtorch_cuda.so" -Wl,-soname,libtorch_cuda.so -x c -
