// SPDX-License-Identifier: Apache-2.0
// The device seam over the CUDA runtime. The only file that includes it.
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {
namespace {

void check(cudaError_t result, const std::string& what) {
  if (result == cudaSuccess) return;
  throw Error(ErrorKind::device, "CUDA could not " + what + ": " + cudaGetErrorString(result));
}

std::string bytes_text(std::size_t bytes) { return fmt::format("{} bytes", bytes); }

}  // namespace

struct Event::State {
  State() { check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "create an event"); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { cudaEventDestroy(event); }  // fails only after the runtime itself is gone

  cudaEvent_t event = nullptr;
};

struct Stream::State {
  State() : owned(true) {
    // Non-blocking: work of the default stream must not hold the copies up.
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "create a stream");
  }
  explicit State(cudaStream_t borrowed) : stream(borrowed) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!owned) return;
    cudaStreamSynchronize(stream);
    cudaStreamDestroy(stream);
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
  if (from.empty()) return;
  check(cudaMemcpyAsync(to, from.data(), from.size(), cudaMemcpyDefault, stream.state().stream),
        "copy " + bytes_text(from.size()));
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
  const cudaError_t result = cudaEventQuery(event.state().event);
  if (result == cudaErrorNotReady) return false;
  check(result, "ask for an event");
  return true;
}

void synchronize(const Stream& stream) {
  check(cudaStreamSynchronize(stream.state().stream), "finish the work of a stream");
}

void synchronize(const Event& event) {
  check(cudaEventSynchronize(event.state().event), "reach an event");
}

Buffer allocate_device(std::size_t bytes) {
  void* start = nullptr;
  check(cudaMalloc(&start, bytes == 0 ? 1 : bytes), "allocate " + bytes_text(bytes));
  const auto free = [](std::byte* at) { cudaFree(at); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), free), bytes,
          MemoryPlace::device};
}

Buffer allocate_pinned(std::size_t bytes) {
  void* start = nullptr;
  check(cudaHostAlloc(&start, bytes == 0 ? 1 : bytes, cudaHostAllocDefault),
        "lock " + bytes_text(bytes) + " of host memory");
  const auto free = [](std::byte* at) { cudaFreeHost(at); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), free), bytes,
          MemoryPlace::pinned};
}

std::string_view backend() { return "cuda"; }

bool device_present() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

std::string device_description() {
  cudaDeviceProp properties = {};
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess ||
      cudaGetDeviceProperties(&properties, device) != cudaSuccess) {
    return "no CUDA device";
  }
  return fmt::format("{}, {} MB", properties.name, properties.totalGlobalMem / 1'000'000);
}

}  // namespace pinfeed
