// SPDX-License-Identifier: Apache-2.0
// A CUDA runtime over host memory: a thread per stream, counters as events. See standin.h.
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "tests/cuda_standin/queue.h"
#include "tests/cuda_standin/standin.h"

namespace {

using pinfeed::standin::Counter;
using pinfeed::standin::number_of;
using pinfeed::standin::push;
using pinfeed::standin::Queue;

thread_local cudaError_t last_error = cudaSuccess;
thread_local bool in_host_function = false;
std::atomic<long> call_count = 0;
std::atomic<long> failing_call = 0;
std::atomic<long> waits = 0;

cudaError_t result(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

// At the begin of each function. Not cudaSuccess for the call that fails.
cudaError_t enter(const char* function) {
  if (in_host_function) {
    std::fprintf(stderr, "%s is called in a host function\n", function);
    std::abort();
  }
  const long call = ++call_count;
  return result(call == failing_call ? cudaErrorUnknown : cudaSuccess);
}

}  // namespace

struct StandinStream {
  Queue queue;
};
struct StandinEvent {
  // The work of streams may outlive the event.
  std::shared_ptr<Counter> counter = std::make_shared<Counter>();
};

namespace {

std::mutex streams_mutex;
std::set<StandinStream*> streams;

StandinStream* stream_of(cudaStream_t stream) {
  static StandinStream* const default_stream = [] {
    auto* made = new StandinStream();  // lives as long as the process, as the real one
    const std::lock_guard lock(streams_mutex);
    streams.insert(made);
    return made;
  }();
  return stream == nullptr ? default_stream : stream;
}

void wait_for_all_streams() {
  if (number_of("STANDIN_SYNC") == 0) return;
  const std::lock_guard lock(streams_mutex);
  for (StandinStream* stream : streams) stream->queue.finish();
}

std::mutex regions_mutex;
std::map<const std::byte*, std::size_t> regions;  // what the runtime has allocated

bool is_known(const void* memory) {
  const auto* at = static_cast<const std::byte*>(memory);
  const std::lock_guard lock(regions_mutex);
  auto region = regions.upper_bound(at);
  if (region == regions.begin()) return false;
  --region;
  return at < region->first + region->second;
}

cudaError_t allocate(void** memory, std::size_t bytes) {
  constexpr std::size_t most = std::size_t{1} << 40U;
  if (bytes > most) return result(cudaErrorMemoryAllocation);
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return result(cudaErrorMemoryAllocation);
  const std::lock_guard lock(regions_mutex);
  regions[static_cast<std::byte*>(start)] = bytes;
  *memory = start;
  return cudaSuccess;
}

// An address that the runtime has not given is an error of the caller: the process ends.
void release(void* memory) {
  const std::lock_guard lock(regions_mutex);
  const auto region = regions.find(static_cast<std::byte*>(memory));
  if (region == regions.end()) std::abort();
  munmap(memory, region->second);
  regions.erase(region);
}

}  // namespace

namespace pinfeed::standin {

void push(cudaStream_t stream, std::function<void()> work) {
  stream_of(stream)->queue.push(std::move(work));
}
long calls() { return call_count; }
void fail_call(long number) { failing_call = number == 0 ? 0 : call_count + number; }
long synchronizations() { return waits; }

}  // namespace pinfeed::standin

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return enter(__func__);
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return enter(__func__);
}
cudaError_t cudaSetDevice(int) { return enter(__func__); }
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return enter(__func__);
}
cudaError_t cudaDeviceGetPCIBusId(char* address, int size, int) {
  std::snprintf(address, static_cast<std::size_t>(size), "0000:00:00.0");
  return enter(__func__);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "stand-in");
  properties->totalGlobalMem = 1'000'000'000;
  return enter(__func__);
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void*) {
  attributes->device = 0;
  return enter(__func__);
}

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
const char* cudaGetErrorString(cudaError_t error) {
  if (error == cudaErrorNotReady) return "device not ready";
  if (error == cudaErrorMemoryAllocation) return "out of memory";
  return error == cudaErrorInvalidValue ? "invalid argument" : "unknown error";
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  if (const cudaError_t error = enter(__func__)) return error;
  *stream = new StandinStream();
  const std::lock_guard lock(streams_mutex);
  streams.insert(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const cudaError_t error = enter(__func__);
  {
    const std::lock_guard lock(streams_mutex);
    streams.erase(stream);
  }
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ++waits;
  stream_of(stream)->queue.finish();
  return enter(__func__);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  if (const cudaError_t error = enter(__func__)) return error;
  push(stream, [counter = event->counter, number = event->counter->newest()] {
    counter->wait_for(number);
  });
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  if (const cudaError_t error = enter(__func__)) return error;
  *event = new StandinEvent();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return enter(__func__);
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (const cudaError_t error = enter(__func__)) return error;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(event->counter->mutex);
    number = ++event->counter->recorded;
  }
  push(stream, [counter = event->counter, number] { counter->stamp(number); });
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  if (const cudaError_t error = enter(__func__)) return error;
  const std::lock_guard lock(event->counter->mutex);
  return result(event->counter->stamped >= event->counter->recorded ? cudaSuccess
                                                                    : cudaErrorNotReady);
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ++waits;
  event->counter->wait_for(event->counter->newest());
  return enter(__func__);
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  if (const cudaError_t error = enter(__func__)) return error;
  wait_for_all_streams();
  return allocate(memory, bytes);
}
cudaError_t cudaFree(void* memory) {
  wait_for_all_streams();
  release(memory);
  return enter(__func__);
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t) {
  if (const cudaError_t error = enter(__func__)) return error;
  return allocate(memory, bytes);
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  push(stream, [memory] { release(memory); });
  return enter(__func__);
}
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  if (const cudaError_t error = enter(__func__)) return error;
  wait_for_all_streams();
  return allocate(memory, bytes);
}
cudaError_t cudaFreeHost(void* memory) {
  wait_for_all_streams();
  release(memory);
  return enter(__func__);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
  if (const cudaError_t error = enter(__func__)) return error;
  push(stream, [=] { std::memcpy(to, from, bytes); });
  if (!is_known(to) || !is_known(from)) stream_of(stream)->queue.finish();
  return cudaSuccess;
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* argument) {
  if (const cudaError_t error = enter(__func__)) return error;
  push(stream, [=] {
    in_host_function = true;
    function(argument);
    in_host_function = false;
  });
  return cudaSuccess;
}

}  // extern "C"
