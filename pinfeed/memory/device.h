// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// The interface to the device. device_cuda.cpp or device_none.cpp implements it, as chosen when
/// pinfeed is built. Without CUDA "device" memory is host memory, and a thread per stream does the
/// work in the same order and with the same events, so that all code above runs on any machine.

/// A position in the work of a stream. Copies share it. Record it on one stream at a time.
class Event {
 public:
  Event();
  struct State;
  State& state() const { return *state_; }
  const std::shared_ptr<State>& shared() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// A queue of work that is done in order and asynchronously to the host. Copies share the stream;
/// the destructor of the last one waits for the remaining work.
class Stream {
 public:
  Stream();
  /// The stream with this native handle: a cudaStream_t with another owner, or the result of
  /// native(). The handle must stay valid as long as the returned object.
  static Stream borrowed(void* native);
  void* native() const;

  struct State;
  State& state() const { return *state_; }

 private:
  explicit Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// Starts the copy and returns. Asynchronous only if the host side is pinned. Both sides must stay
/// valid until the stream has done the copy. Throws Error(device).
void copy_async(std::span<const std::byte> from, std::byte* to, const Stream& stream);
/// For tests: calls `function(argument)` on a thread of the back end once the work given so far is
/// done. The function must not throw or call functions of this header.
void call_async(void (*function)(void*), void* argument, const Stream& stream);

/// `event` is reached when the work given to `stream` so far is done.
void record(const Event& event, const Stream& stream);
/// Work given to `stream` from now on starts after `event`, as last recorded. The host does not
/// wait.
void wait(const Stream& stream, const Event& event);
/// True when the event, as last recorded, is reached, or was never recorded.
bool reached(const Event& event);

/// The host waits until all work given to the stream is done. Throws Error(device) when it failed.
void synchronize(const Stream& stream);
/// The host waits until the event, as last recorded, is reached.
void synchronize(const Event& event);

/// Device memory. Throws Error(device) when it is exhausted.
Buffer allocate_device(std::size_t bytes);
/// The same, freed once the work given to `stream` before the buffer's destruction is done.
Buffer allocate_device(std::size_t bytes, const Stream& stream);
/// Page-locked host memory that the device reads directly, on the device's NUMA node. The CUDA
/// runtime locks it, and RLIMIT_MEMLOCK does not apply; without CUDA mlock() does. Throws
/// Error(device) or Error(system).
Buffer allocate_pinned(std::size_t bytes);

/// The implementation of this header: "cuda" or "host".
std::string_view backend();
/// How many devices there are; 0 only with the CUDA back end on a machine without a usable one.
int device_count();
bool device_present();
/// Selects the device for all later work of the calling thread. Throws Error(device) naming the
/// devices that exist.
void choose_device(int index);
/// The index of the device that device or pinned bytes belong to.
int device_of(const std::byte* bytes);
/// A text for the user: "NVIDIA H200, 143771 MB", or "host memory behind a copy thread".
std::string device_description();

/// For tests: streams that are created after this call pause for a random time of up to `most`
/// before each piece of work; `seed` determines the times, and 0 turns the pauses off. Has no
/// effect on CUDA.
void delay_streams(std::uint64_t seed, std::chrono::microseconds most);

}  // namespace pinfeed
