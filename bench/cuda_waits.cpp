// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that counts what makes the host wait for the device, and allocations, of
// a torch whose CUDA runtime is a shared library. Writes {"name": [calls, seconds], ...} to the
// file that CUDA_WAITS names. pinfeed's own copies are not counted: they use a runtime of their
// own, and only the thread that releases slots waits for them.
#include <dlfcn.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

struct Count {
  const char* name;
  std::atomic<long> calls = 0;
  std::atomic<long> nanoseconds = 0;
};

std::array<Count, 6> counts = {{{"cudaStreamSynchronize"},
                                {"cudaEventSynchronize"},
                                {"cudaDeviceSynchronize"},
                                {"cudaMemcpy"},
                                {"cudaMalloc"},
                                {"cudaFree"}}};

// Calls the function of the runtime with this name.
template <class... Arguments>
int counted(std::size_t index, Arguments... arguments) {
  Count& count = counts[index];
  using Function = int (*)(Arguments...);
  const auto function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, count.name));
  if (function == nullptr) std::abort();  // only the runtime's users call these
  const auto start = std::chrono::steady_clock::now();
  const int result = function(arguments...);
  count.nanoseconds += (std::chrono::steady_clock::now() - start).count();
  ++count.calls;
  return result;
}

struct Report {
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report() {
    const char* path = std::getenv("CUDA_WAITS");
    std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    const char* separator = "{";
    for (const Count& count : counts) {
      std::fprintf(file, "%s\"%s\": [%ld, %.6f]", separator, count.name, count.calls.load(),
                   1e-9 * static_cast<double>(count.nanoseconds.load()));
      separator = ", ";
    }
    std::fputs("}\n", file);
    std::fclose(file);
  }
} report;

}  // namespace

// The signatures of the CUDA runtime; its handles are pointers and its errors int.
extern "C" {
int cudaStreamSynchronize(void* stream) { return counted(0, stream); }
int cudaEventSynchronize(void* event) { return counted(1, event); }
int cudaDeviceSynchronize() { return counted(2); }
int cudaMemcpy(void* to, const void* from, std::size_t bytes, int kind) {
  return counted(3, to, from, bytes, kind);
}
int cudaMalloc(void** memory, std::size_t bytes) { return counted(4, memory, bytes); }
int cudaFree(void* memory) { return counted(5, memory); }
}
