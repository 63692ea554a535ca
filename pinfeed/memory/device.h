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

/// The seam to the device. device_cuda.cpp or device_none.cpp stands behind it, chosen when
/// pinfeed is built. Without CUDA "device" memory is host memory, filled by a copy thread with the
/// same order and the same events, so that everything above the seam runs on any machine.

/// A mark in the work of a stream. Copies share the mark. Record it on one stream at a time.
class Event {
 public:
  Event();
  struct State;
  State& state() const { return *state_; }
  const std::shared_ptr<State>& shared() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// Work that is done in the order it was given, while the host goes on. Copies share the stream;
/// the last one waits for the work that is left.
class Stream {
 public:
  Stream();
  /// The stream with this native handle (a cudaStream_t that somebody else owns, or what native()
  /// gave). It must outlive the copy made here.
  static Stream borrowed(void* native);
  void* native() const;

  struct State;
  State& state() const { return *state_; }

 private:
  explicit Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// Starts the copy and returns. Asynchronous only if the host side is pinned. Both sides must live
/// until the stream has passed it. Throws Error(device).
void copy_async(std::span<const std::byte> from, std::byte* to, const Stream& stream);
/// Calls `function(argument)` on a thread of the back end once the work given so far is done. The
/// function must not throw, wait, or use this seam.
void call_async(void (*function)(void*), void* argument, const Stream& stream);

/// `event` is reached when the work given to `stream` so far is done.
void record(const Event& event, const Stream& stream);
/// Work given to `stream` from now on starts after `event`, as last recorded. The host does not
/// wait.
void wait(const Stream& stream, const Event& event);
/// True when the event, as last recorded, is reached; true as well when it never was recorded.
bool reached(const Event& event);

/// The host waits until all work given to the stream is done. Throws Error(device) when it failed.
void synchronize(const Stream& stream);
/// The host waits until the event, as last recorded, is reached.
void synchronize(const Event& event);

/// Device memory. Throws Error(device) when there is none left.
Buffer allocate_device(std::size_t bytes);
/// The same, given back once the work given to `stream` until the buffer's death is done.
Buffer allocate_device(std::size_t bytes, const Stream& stream);
/// Page-locked host memory that the device reads directly, on the device's NUMA node: by the CUDA
/// runtime, which RLIMIT_MEMLOCK does not bind, or locked by the system. Throws Error(device) or
/// Error(system).
Buffer allocate_pinned(std::size_t bytes);

/// "cuda" or "host": what stands behind the seam.
std::string_view backend();
/// How many devices there are; 0 only with the CUDA back end on a machine without a usable one.
int device_count();
bool device_present();
/// The device that the calling thread's work goes to from now on. Throws Error(device) naming the
/// devices there are.
void choose_device(int index);
/// The device that these bytes, which are the device's or pinned, belong to.
int device_of(const std::byte* bytes);
/// For people: "NVIDIA H200, 143771 MB", or "host memory behind a copy thread".
std::string device_description();

/// For tests: before each work of a stream made from now on the host back end waits up to `most`,
/// as the numbers that follow from `seed` say; 0 ends it. CUDA's streams are not slowed.
void delay_streams(std::uint64_t seed, std::chrono::microseconds most);

}  // namespace pinfeed
