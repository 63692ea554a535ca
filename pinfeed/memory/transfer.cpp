// SPDX-License-Identifier: Apache-2.0
// Host slots to device slots. The threads that send and that read never wait for a copy.
//
// Two events per device slot order the work of two streams. `arrived` is recorded on the copy
// stream behind the copy; the reader's stream waits for it, so it reads a complete batch.
// `released` is recorded on the reader's stream behind its last read; the copy stream waits for it
// before the next copy into the slot, so no batch is overwritten before it was read. An event that
// was never recorded counts as reached, which covers the first use of a slot.
//
// The host only gives work to streams. It releases a device slot while the reader's work is still
// queued, and that is safe because of `released`. A thread waits for the copies, in their order,
// and releases the host slots. No callback of the device does it: the release calls the loader,
// which takes locks, and a thread that holds one of them may be waiting for the device.
//
// A host slot that is not pinned is copied by that thread, through two pinned buffers: a copy from
// pageable memory ends only when the device has done it, and before that when the last reader of
// the device slot has ended. The events of such a copy count from the moment it is started, for
// which use_on() waits.
#include "pinfeed/memory/transfer.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/finish_work.h"
#include "pinfeed/memory/staging.h"

namespace pinfeed {

// The events of a device slot.
struct SlotEvents {
  Event arrived = {};
  Event released = {};
};

// The copy of a host slot that is not pinned.
class StagedCopy {
 public:
  StagedCopy(std::span<const std::byte> from, std::byte* to, SlotEvents slot)
      : from_(from), to_(to), slot_(std::move(slot)) {}

  // Gives the copy to the stream. Returns when the host slot has been read.
  void start(const Stream& stream, const std::function<void(const StagedCopy&)>& copy) noexcept {
    std::exception_ptr error;
    try {
      wait(stream, slot_.released);
      copy(*this);
      record(slot_.arrived, stream);
    } catch (...) {
      error = std::current_exception();
      finish(stream);  // a part of this one may be under way
    }
    {
      const std::lock_guard lock(mutex_);
      started_ = true;
      error_ = error;
    }
    changed_.notify_all();
  }

  // Throws the error of start().
  void wait_until_started() {
    finish_start();
    if (error_) std::rethrow_exception(error_);
  }

  void finish_start() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return started_; });
  }

  std::span<const std::byte> from() const { return from_; }
  std::byte* to() const { return to_; }

 private:
  std::span<const std::byte> from_;
  std::byte* to_;
  SlotEvents slot_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;
  std::exception_ptr error_;
};

struct Transfer::CopyStream {
  // A host slot whose copy has been started, or is to be started by the thread. The event of a
  // device slot may be recorded again before the thread waits for it, so this is one of its own.
  struct Copy {
    BatchSlot host;
    Event copied;
    std::shared_ptr<StagedCopy> staged = nullptr;
  };

  explicit CopyStream(int device_slots) : events(static_cast<std::size_t>(device_slots)) {
    constexpr std::size_t usual_host_slots = 16;  // the vectors grow if there are more
    in_transfer.reserve(usual_host_slots);
    unused.reserve(usual_host_slots);
    thread = start_thread("pinfeed-arrive", Priority::normal, [this] { release_arrived(); });
  }
  CopyStream(const CopyStream&) = delete;
  CopyStream& operator=(const CopyStream&) = delete;
  // The thread first releases what is in transfer.
  ~CopyStream() {
    {
      const std::lock_guard lock(mutex);
      closed = true;
    }
    changed.notify_one();
    thread.join();
  }

  // Gives the copy to the thread, which stages it.
  std::shared_ptr<StagedCopy> stage(BatchSlot host, std::size_t bytes, const Buffer& to,
                                    const SlotEvents& slot) {
    const std::span<const std::byte> from(host.buffer().data(), bytes);
    auto staged = std::make_shared<StagedCopy>(from, to.data(), slot);
    Event copied = unused_event();
    host.advance_to(SlotState::in_transfer);
    {
      const std::lock_guard lock(mutex);
      in_transfer.push_back({std::move(host), std::move(copied), staged});
    }
    changed.notify_one();
    return staged;
  }

  void start_copy(BatchSlot host, std::size_t bytes, const Buffer& to, const SlotEvents& slot) {
    // Held throughout: `in_transfer` has the order of the copies in the stream.
    const std::lock_guard lock(send_mutex);
    const Event copied = unused_event();
    host.advance_to(SlotState::in_transfer);
    try {
      wait(stream, slot.released);
      copy_async({host.buffer().data(), bytes}, to.data(), stream);
      record(slot.arrived, stream);
      record(copied, stream);
    } catch (...) {
      finish(stream);  // a part of this one may be under way
      throw;
    }
    {
      const std::lock_guard list_lock(mutex);
      in_transfer.push_back({std::move(host), copied, nullptr});
    }
    changed.notify_one();
  }

  // Reserves memory for one more copy, so that nothing can fail once it is started.
  Event unused_event() {
    const std::lock_guard lock(mutex);
    in_transfer.reserve(in_transfer.size() + 1);
    unused.reserve(unused.size() + in_transfer.size() + 1);
    if (unused.empty()) return Event();
    Event event = std::move(unused.back());
    unused.pop_back();
    return event;
  }

  void release_arrived() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return closed || !in_transfer.empty(); });
      if (in_transfer.empty()) return;
      const Event copied = in_transfer.front().copied;
      const std::shared_ptr<StagedCopy> staged = in_transfer.front().staged;
      lock.unlock();
      if (staged) {
        staged->start(stream, [this](const StagedCopy& copy) { give(copy); });
      } else {
        finish(copied);
      }
      lock.lock();
      std::optional<Copy> first = std::move(in_transfer.front());
      in_transfer.erase(in_transfer.begin());
      unused.push_back(std::move(first->copied));
      lock.unlock();
      first.reset();
      lock.lock();
    }
  }

  // Through pinned buffers; where the system does not pin any, as the driver copies.
  void give(const StagedCopy& copy) {
    if (!staging && staging_possible) {
      try {
        staging.emplace(pinned(), staging_chunk_bytes());
      } catch (const Error&) {
        staging_possible = false;
      }
    }
    if (staging) {
      staging->copy(copy.from(), copy.to(), stream);
    } else {
      copy_async(copy.from(), copy.to(), stream);
      synchronize(stream);
    }
  }

  std::vector<SlotEvents> events;  // by the number of the device slot
  Stream stream = {};
  std::optional<Staging> staging;  // used by the thread
  bool staging_possible = staging_chunk_bytes() > 0;
  std::mutex send_mutex;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Copy> in_transfer;  // in the order of the copies
  std::vector<Event> unused;
  bool closed = false;
  std::thread thread;  // last: it uses all of the above
};

InFlightCopy::InFlightCopy(BatchSlot slot, Event arrived, Event released,
                           std::shared_ptr<StagedCopy> staged)
    : slot_(std::move(slot)),
      arrived_(std::move(arrived)),
      released_(std::move(released)),
      staged_(std::move(staged)) {}

InFlightCopy::InFlightCopy(InFlightCopy&& other) noexcept
    : slot_(std::move(other.slot_)),
      arrived_(std::move(other.arrived_)),
      released_(std::move(other.released_)),
      staged_(std::exchange(other.staged_, nullptr)),
      reader_(std::exchange(other.reader_, std::nullopt)) {}

// A copy that is started after the slot was given back would overwrite the next batch.
InFlightCopy::~InFlightCopy() {
  if (staged_) staged_->finish_start();
  if (!reader_) return;
  try {
    record(released_, *reader_);
  } catch (const Error&) {
    finish(*reader_);  // without the event, the slot is free when the reader has done all its work
  }
}

Buffer InFlightCopy::use_on(const Stream& stream) {
  if (staged_) staged_->wait_until_started();
  wait(stream, arrived_);
  slot_.advance_to(SlotState::in_use);
  reader_ = stream;
  return slot_.buffer();
}

Transfer::Transfer(BatchBufferRing device)
    : device_(std::move(device)), copies_(std::make_unique<CopyStream>(device_.stats().slots)) {}

Transfer::~Transfer() {
  close();
  finish(copies_->stream);
}

std::optional<InFlightCopy> Transfer::send(BatchSlot host, std::size_t bytes) {
  std::optional<BatchSlot> slot = device_.acquire(bytes);
  if (!slot) return std::nullopt;
  const SlotEvents& events = copies_->events[static_cast<std::size_t>(slot->number())];
  std::shared_ptr<StagedCopy> staged;
  if (host.buffer().kind == MemoryKind::pageable) {
    staged = copies_->stage(std::move(host), bytes, slot->buffer(), events);
  } else {
    copies_->start_copy(std::move(host), bytes, slot->buffer(), events);
  }
  slot->advance_to(SlotState::ready);
  return InFlightCopy(std::move(*slot), events.arrived, events.released, std::move(staged));
}

void Transfer::close() { device_.close(); }

BatchBufferStats Transfer::stats() const { return device_.stats(); }

}  // namespace pinfeed
