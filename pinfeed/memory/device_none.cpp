// SPDX-License-Identifier: Apache-2.0
// The device interface without a device.
//
// Device memory is host memory. Each stream is a thread that does its work in order. An event is a
// counter: record() takes the next number on the host and gives the stream the work of stamping it;
// wait() remembers the newest number at the time of the call and blocks the waiting stream's thread
// until that number is stamped. These are the semantics of CUDA's events, so code that is correct
// here needs no other synchronisation on a GPU.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/kernels.h"

namespace pinfeed {

struct Event::State {
  void reach(std::uint64_t number) {
    {
      const std::lock_guard lock(mutex);
      stamped = std::max(stamped, number);
    }
    stamp.notify_all();
  }
  void wait_for(std::uint64_t number) {
    std::unique_lock lock(mutex);
    stamp.wait(lock, [&] { return stamped >= number; });
  }
  std::uint64_t newest() {
    const std::lock_guard lock(mutex);
    return recorded;
  }

  std::mutex mutex;
  std::condition_variable stamp;
  std::uint64_t recorded = 0;
  std::uint64_t stamped = 0;
};

namespace {

constexpr std::size_t usual_works = 64;  // the vector grows if more wait

enum class Action { copy, call, record, wait, free, normalize };

// One struct for all kinds of work, so that a stream's queue is a plain vector that keeps its
// memory.
struct Work {
  Action action = Action::copy;
  std::span<const std::byte> from = {};
  std::byte* to = nullptr;
  void (*function)(void*) = nullptr;
  void* argument = nullptr;
  std::shared_ptr<Event::State> event = nullptr;
  std::uint64_t number = 0;
  Buffer buffer = {};  // freed with the work
  PixelBatch pixels = {};
  PixelRule rule = {};
  FloatBatch floats = {};
};

// Set by delay_streams().
std::atomic<std::int64_t> longest_delay = 0;  // microseconds
std::atomic<std::uint64_t> delay_seed = 0;

// The pauses of one stream: the same in every run.
class Delays {
 public:
  void pause() {
    if (most_ == 0) return;
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const auto part = static_cast<std::int64_t>(state_ >> 33U) % (most_ + 1);
    std::this_thread::sleep_for(std::chrono::microseconds(part));
  }

 private:
  std::int64_t most_ = longest_delay;
  std::uint64_t state_ = delay_seed++;  // each stream has its own
};

void do_work(const Work& work) {
  switch (work.action) {
    case Action::copy:
      if (!work.from.empty()) std::memcpy(work.to, work.from.data(), work.from.size());
      return;
    case Action::call: work.function(work.argument); return;
    case Action::record: work.event->reach(work.number); return;
    case Action::wait: work.event->wait_for(work.number); return;
    case Action::free: return;
    case Action::normalize:
      return normalize_pixels(work.pixels, work.rule, work.floats, 0,
                              work.pixels.count * work.floats.height);
  }
}

}  // namespace

struct Stream::State : std::enable_shared_from_this<Stream::State> {
  State() {
    works.reserve(usual_works);
    reserved.reserve(usual_works);
    thread = start_thread("pinfeed-copy", Priority::normal, [this] { run(); });
  }
  ~State() {
    {
      const std::lock_guard lock(mutex);
      closed = true;
    }
    work_pushed.notify_all();
    thread.join();
  }

  void push(Work work) {
    {
      const std::lock_guard lock(mutex);
      works.push_back(std::move(work));
    }
    work_pushed.notify_one();
  }

  void finish() {
    std::unique_lock lock(mutex);
    idle.wait(lock, [this] { return works.empty() && !busy; });
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }

  // An exception does not end the thread, since other work and events follow. finish() throws it.
  void do_guarded(const Work& work) {
    try {
      do_work(work);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::make_exception_ptr(current_error("the copy thread"));
    }
  }

  // Takes all waiting work at once by swapping two vectors, which keep their memory.
  void run() {
    std::vector<Work> current;
    std::unique_lock lock(mutex);
    current.swap(reserved);
    while (true) {
      work_pushed.wait(lock, [this] { return closed || !works.empty(); });
      if (works.empty()) return;
      current.swap(works);
      busy = true;
      lock.unlock();
      for (const Work& work : current) {
        delays.pause();
        do_guarded(work);
      }
      current.clear();
      lock.lock();
      busy = false;
      if (works.empty()) idle.notify_all();
    }
  }

  std::mutex mutex;
  std::condition_variable work_pushed;
  std::condition_variable idle;
  std::vector<Work> works;
  std::vector<Work> reserved;  // for the thread, which must not allocate outside do_guarded()
  std::exception_ptr failure;
  bool busy = false;
  bool closed = false;
  Delays delays;
  std::thread thread;  // last: it uses all of the above
};

Event::Event() : state_(std::make_shared<State>()) {}

Stream::Stream() : state_(std::make_shared<State>()) {}

Stream Stream::borrowed(void* native) {
  return Stream(static_cast<State*>(native)->shared_from_this());
}

void* Stream::native() const { return state_.get(); }

void copy_async(std::span<const std::byte> from, std::byte* to, const Stream& stream) {
  stream.state().push({.action = Action::copy, .from = from, .to = to});
}

void call_async(void (*function)(void*), void* argument, const Stream& stream) {
  stream.state().push({.action = Action::call, .function = function, .argument = argument});
}

void record(const Event& event, const Stream& stream) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(event.state().mutex);
    number = ++event.state().recorded;
  }
  stream.state().push({.action = Action::record, .event = event.shared(), .number = number});
}

void wait(const Stream& stream, const Event& event) {
  const std::uint64_t number = event.state().newest();
  stream.state().push({.action = Action::wait, .event = event.shared(), .number = number});
}

bool reached(const Event& event) {
  const std::lock_guard lock(event.state().mutex);
  return event.state().stamped >= event.state().recorded;
}

void synchronize(const Stream& stream) { stream.state().finish(); }

void synchronize(const Event& event) { event.state().wait_for(event.state().newest()); }

Buffer allocate_device(std::size_t bytes) {
  Buffer buffer = allocate_huge(bytes);
  buffer.kind = MemoryKind::device;
  return buffer;
}

Buffer allocate_device(std::size_t bytes, const Stream& stream) {
  Buffer buffer = allocate_device(bytes);
  auto free = [stream, kept = buffer](std::byte*) mutable {
    stream.state().push({.action = Action::free, .buffer = std::move(kept)});
  };
  return {std::shared_ptr<std::byte>(buffer.data(), std::move(free)), bytes, MemoryKind::device};
}

Buffer allocate_pinned(std::size_t bytes) { return allocate_locked(bytes); }

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream) {
  stream.state().push({.action = Action::normalize, .pixels = from, .rule = rule, .floats = to});
}

std::string_view backend() { return "host"; }

int device_count() { return 1; }

bool device_present() { return true; }

void choose_device(int index) {
  if (index == 0) return;
  throw Error(ErrorKind::device,
              "there is no device " + std::to_string(index) + "; the only one is 0");
}

int device_of(const std::byte*) { return 0; }

std::string device_description() { return "host memory behind a copy thread"; }

void delay_streams(std::uint64_t seed, std::chrono::microseconds most) {
  delay_seed = seed;
  longest_delay = most.count();
}

}  // namespace pinfeed
