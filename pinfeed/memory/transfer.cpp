// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/transfer.h"

#include <mutex>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {

struct Transfer::Lanes {
  struct Lane {
    Event arrived = {};
    Event released = {};
  };

  // Copies arrive in the order they were sent: the one that has just arrived is the first.
  static void arrive(void* lanes) {
    auto& self = *static_cast<Lanes*>(lanes);
    const std::lock_guard lock(self.travelling_mutex);
    self.travelling.erase(self.travelling.begin());
  }

  void start(BatchSlot host, std::size_t bytes, const Buffer& to, const Lane& lane) {
    const std::lock_guard lock(sending);  // the order of `travelling` is the order of the stream
    const Buffer from = host.buffer();
    host.go(SlotState::travelling);
    wait(stream, lane.released);
    copy_async({from.data(), bytes}, to.data(), stream);
    record(lane.arrived, stream);
    {
      const std::lock_guard boarding(travelling_mutex);
      travelling.push_back(std::move(host));
    }
    call_async(&Lanes::arrive, this, stream);
  }

  std::vector<Lane> lanes;  // by the number of the device slot
  std::mutex sending;
  std::mutex travelling_mutex;
  std::vector<BatchSlot> travelling;
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
    // A device that cannot record is lost; the next call on it says so.
  }
}

Buffer InFlightCopy::use_on(const Stream& stream) {
  wait(stream, arrived_);
  slot_.go(SlotState::in_use);
  reader_ = stream;
  return slot_.buffer();
}

Transfer::Transfer(BatchBufferRing device)
    : device_(std::move(device)), lanes_(std::make_unique<Lanes>()) {
  constexpr std::size_t usual_travellers = 16;  // host slots; with more under way the vector grows
  lanes_->lanes.resize(static_cast<std::size_t>(device_.stats().slots));
  lanes_->travelling.reserve(usual_travellers);
}

Transfer::~Transfer() {
  close();
  try {
    synchronize(lanes_->stream);
  } catch (const Error&) {
    // The same error met whoever used the batch.
  }
}

std::optional<InFlightCopy> Transfer::send(BatchSlot host, std::size_t bytes) {
  std::optional<BatchSlot> slot = device_.acquire(bytes);
  if (!slot) return std::nullopt;
  const Lanes::Lane& lane = lanes_->lanes[static_cast<std::size_t>(slot->number())];
  lanes_->start(std::move(host), bytes, slot->buffer(), lane);
  slot->go(SlotState::ready);
  return InFlightCopy(std::move(*slot), lane.arrived, lane.released);
}

void Transfer::close() { device_.close(); }

BatchBufferStats Transfer::stats() const { return device_.stats(); }

}  // namespace pinfeed
