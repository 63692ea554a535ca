// SPDX-License-Identifier: Apache-2.0
// The device interface over the CUDA runtime. The only source that includes the runtime.
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/numa.h"

namespace pinfeed {
namespace {

// The runtime keeps the last error of a thread, and the next check behind the start of a kernel,
// ours or torch's, would report it as that of the kernel.
cudaError_t forgotten(cudaError_t result) {
  if (result != cudaSuccess) (void)cudaGetLastError();
  return result;
}

void check(cudaError_t result, const std::string& what) {
  if (forgotten(result) == cudaSuccess) return;
  throw Error(ErrorKind::device, "CUDA could not " + what + ": " + cudaGetErrorString(result));
}

std::string bytes_text(std::size_t bytes) { return fmt::format("{} bytes", bytes); }

// Why no device can be used. Where no driver is installed the runtime only reports "CUDA driver
// version is insufficient for CUDA runtime version".
std::string driver_state() {
  int version = 0;
  if (forgotten(cudaDriverGetVersion(&version)) == cudaSuccess && version == 0)
    return "no driver is installed";
  int count = 0;
  const cudaError_t state = forgotten(cudaGetDeviceCount(&count));
  return state == cudaSuccess ? "the driver finds none" : cudaGetErrorString(state);
}

// The NUMA node of the current device, from the system's PCI tree.
std::optional<int> device_node() {
  int device = 0;
  char address[32] = {};
  if (forgotten(cudaGetDevice(&device)) != cudaSuccess ||
      forgotten(cudaDeviceGetPCIBusId(address, sizeof address, device)) != cudaSuccess) {
    return std::nullopt;
  }
  int node = -1;
  std::ifstream("/sys/bus/pci/devices/" + lower_case(address) + "/numa_node") >> node;
  return node < 0 ? std::nullopt : std::optional(node);
}

}  // namespace

struct Event::State {
  State() {
    check(cudaEventCreateWithFlags(&event, cudaEventBlockingSync | cudaEventDisableTiming),
          "create an event");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { forgotten(cudaEventDestroy(event)); }

  cudaEvent_t event = nullptr;
};

struct Stream::State {
  State() : owned(true) {
    // Non-blocking: work of the default stream must not delay the copies.
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "create a stream");
  }
  explicit State(cudaStream_t borrowed) : stream(borrowed) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!owned) return;
    forgotten(cudaStreamSynchronize(stream));
    forgotten(cudaStreamDestroy(stream));
  }

  cudaStream_t stream = nullptr;
  bool owned = false;
};

Event::Event() : state_(std::make_shared<State>()) {}

Stream::Stream() : state_(std::make_shared<State>()) {}

Stream Stream::borrowed(void* native) {
  return Stream(std::make_shared<State>(static_cast<cudaStream_t>(native)));
}

void* Stream::native() const { return state_->stream; }

void copy_async(std::span<const std::byte> from, std::byte* to, const Stream& stream) {
  for (std::size_t done = 0; done < from.size(); done += driver_chunk_bytes) {
    const std::size_t bytes = std::min(driver_chunk_bytes, from.size() - done);
    check(cudaMemcpyAsync(to + done, from.data() + done, bytes, cudaMemcpyDefault,
                          stream.state().stream),
          "copy " + bytes_text(bytes));
  }
}

void call_async(void (*function)(void*), void* argument, const Stream& stream) {
  check(cudaLaunchHostFunc(stream.state().stream, function, argument), "call back the host");
}

void record(const Event& event, const Stream& stream) {
  check(cudaEventRecord(event.state().event, stream.state().stream), "record an event");
}

void wait(const Stream& stream, const Event& event) {
  check(cudaStreamWaitEvent(stream.state().stream, event.state().event, 0), "wait for an event");
}

bool reached(const Event& event) {
  const cudaError_t result = forgotten(cudaEventQuery(event.state().event));
  if (result == cudaErrorNotReady) return false;
  check(result, "query an event");
  return true;
}

void synchronize(const Stream& stream) {
  check(cudaStreamSynchronize(stream.state().stream), "finish the work of a stream");
}

void synchronize(const Event& event) {
  check(cudaEventSynchronize(event.state().event), "wait for an event");
}

Buffer allocate_device(std::size_t bytes) {
  void* start = nullptr;
  check(cudaMalloc(&start, bytes == 0 ? 1 : bytes), "allocate " + bytes_text(bytes));
  const auto free = [](std::byte* at) { forgotten(cudaFree(at)); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), free), bytes,
          MemoryKind::device};
}

Buffer allocate_device(std::size_t bytes, const Stream& stream) {
  void* start = nullptr;
  check(cudaMallocAsync(&start, bytes == 0 ? 1 : bytes, stream.state().stream),
        "allocate " + bytes_text(bytes));
  const auto free = [stream](std::byte* at) {
    forgotten(cudaFreeAsync(at, stream.state().stream));
  };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), free), bytes,
          MemoryKind::device};
}

// Without a device mlock() locks the memory: a build for CUDA also runs on such a machine.
Buffer allocate_pinned(std::size_t bytes) {
  if (!device_present()) return allocate_locked(bytes);
  const MemoryNode device_memory_node(device_node());
  void* start = nullptr;
  check(cudaHostAlloc(&start, bytes == 0 ? 1 : bytes, cudaHostAllocDefault),
        "lock " + bytes_text(bytes) + " of host memory");
  const auto free = [](std::byte* at) { forgotten(cudaFreeHost(at)); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), free), bytes,
          MemoryKind::pinned};
}

std::string_view backend() { return "cuda"; }

int device_count() {
  int count = 0;
  return forgotten(cudaGetDeviceCount(&count)) == cudaSuccess ? count : 0;
}

bool device_present() { return device_count() > 0; }

void choose_device(int index) {
  const int count = device_count();
  if (count == 0) throw Error(ErrorKind::device, "there is no CUDA device: " + driver_state());
  if (index < 0 || index >= count) {
    throw Error(ErrorKind::device,
                fmt::format("there is no device {}; there are {}, from 0 on", index, count));
  }
  check(cudaSetDevice(index), fmt::format("use device {}", index));
}

int device_of(const std::byte* bytes) {
  cudaPointerAttributes attributes = {};
  check(cudaPointerGetAttributes(&attributes, bytes), "query the device of a pointer");
  return std::max(0, attributes.device);
}

// CUDA streams cannot be delayed.
void delay_streams(std::uint64_t, std::chrono::microseconds) {}

std::string device_description() {
  cudaDeviceProp properties = {};
  int device = 0;
  if (forgotten(cudaGetDevice(&device)) != cudaSuccess ||
      forgotten(cudaGetDeviceProperties(&properties, device)) != cudaSuccess) {
    return "no CUDA device: " + driver_state();
  }
  return fmt::format("{}, {} MB", properties.name, properties.totalGlobalMem / 1'000'000);
}

}  // namespace pinfeed
