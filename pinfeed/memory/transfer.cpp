// SPDX-License-Identifier: Apache-2.0
// Host slots to device slots, without a host thread that waits.
//
// Two events per device slot order the work of two streams. `arrived` is recorded on the copy
// stream behind the copy; the reader's stream waits for it, so it reads a complete batch.
// `released` is recorded on the reader's stream behind its last read; the copy stream waits for it
// before the next copy into the slot, so no batch is overwritten before it was read. An event that
// was never recorded counts as reached, which covers the first use of a slot.
//
// The host only gives work to streams. It releases a device slot while the reader's work is still
// queued, and that is safe because of `released`. The host slot is released by a callback that the
// copy stream runs behind the copy. Callbacks run in the order of the copies, so the first entry of
// `in_transfer` is always the one that has arrived.
#include "pinfeed/memory/transfer.h"

#include <mutex>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {

struct Transfer::CopyStream {
  struct SlotEvents {
    Event arrived = {};
    Event released = {};
  };

  static void release_first(void* copy_stream) {
    auto& self = *static_cast<CopyStream*>(copy_stream);
    const std::lock_guard lock(self.in_transfer_mutex);
    self.in_transfer.erase(self.in_transfer.begin());
  }

  void start_copy(BatchSlot host, std::size_t bytes, const Buffer& to, const SlotEvents& slot) {
    // Held throughout: `in_transfer` has the order of the copies in the stream.
    const std::lock_guard lock(send_mutex);
    const Buffer from = host.buffer();
    host.advance_to(SlotState::in_transfer);
    {
      const std::lock_guard in_transfer_lock(in_transfer_mutex);
      in_transfer.push_back(std::move(host));
    }
    try {
      wait(stream, slot.released);
      copy_async({from.data(), bytes}, to.data(), stream);
      record(slot.arrived, stream);
      call_async(&CopyStream::release_first, this, stream);
    } catch (...) {
      take_back_last();
      throw;
    }
  }

  // After a failure to start a copy. A part of the copy may be under way, so the slot is released
  // only when the stream has done its work.
  void take_back_last() {
    try {
      synchronize(stream);
    } catch (const Error&) {
      // The caller throws the first error.
    }
    const std::lock_guard lock(in_transfer_mutex);
    in_transfer.pop_back();
  }

  std::vector<SlotEvents> events;  // by the number of the device slot
  std::mutex send_mutex;
  std::mutex in_transfer_mutex;
  std::vector<BatchSlot> in_transfer;  // host slots, in the order of the copies
  Stream stream = {};
};

InFlightCopy::InFlightCopy(BatchSlot slot, Event arrived, Event released)
    : slot_(std::move(slot)), arrived_(std::move(arrived)), released_(std::move(released)) {}

InFlightCopy::InFlightCopy(InFlightCopy&& other) noexcept
    : slot_(std::move(other.slot_)),
      arrived_(std::move(other.arrived_)),
      released_(std::move(other.released_)),
      reader_(std::exchange(other.reader_, std::nullopt)) {}

InFlightCopy::~InFlightCopy() {
  if (!reader_) return;
  try {
    record(released_, *reader_);
  } catch (const Error&) {
    // The device is lost; the next call on it throws the same error.
  }
}

Buffer InFlightCopy::use_on(const Stream& stream) {
  wait(stream, arrived_);
  slot_.advance_to(SlotState::in_use);
  reader_ = stream;
  return slot_.buffer();
}

Transfer::Transfer(BatchBufferRing device)
    : device_(std::move(device)), copies_(std::make_unique<CopyStream>()) {
  constexpr std::size_t usual_host_slots = 16;  // the vector grows if there are more
  copies_->events.resize(static_cast<std::size_t>(device_.stats().slots));
  copies_->in_transfer.reserve(usual_host_slots);
}

Transfer::~Transfer() {
  close();
  try {
    synchronize(copies_->stream);
  } catch (const Error&) {
    // The consumer of the batch got the same error.
  }
}

std::optional<InFlightCopy> Transfer::send(BatchSlot host, std::size_t bytes) {
  std::optional<BatchSlot> slot = device_.acquire(bytes);
  if (!slot) return std::nullopt;
  const CopyStream::SlotEvents& events = copies_->events[static_cast<std::size_t>(slot->number())];
  copies_->start_copy(std::move(host), bytes, slot->buffer(), events);
  slot->advance_to(SlotState::ready);
  return InFlightCopy(std::move(*slot), events.arrived, events.released);
}

void Transfer::close() { device_.close(); }

BatchBufferStats Transfer::stats() const { return device_.stats(); }

}  // namespace pinfeed
