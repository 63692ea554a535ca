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

  void start(Seat host, std::size_t bytes, const Buffer& to, const Lane& lane) {
    const std::lock_guard lock(sending);  // the order of `travelling` is the order of the stream
    const Buffer from = host.buffer();
    host.go(SeatState::travelling);
    wait(stream, lane.released);
    copy_async({from.data(), bytes}, to.data(), stream);
    record(lane.arrived, stream);
    {
      const std::lock_guard boarding(travelling_mutex);
      travelling.push_back(std::move(host));
    }
    call_async(&Lanes::arrive, this, stream);
  }

  std::vector<Lane> lanes;  // by the number of the device seat
  std::mutex sending;
  std::mutex travelling_mutex;
  std::vector<Seat> travelling;
  Stream stream = {};
};

Arrival::Arrival(Seat seat, Event arrived, Event released)
    : seat_(std::move(seat)), arrived_(std::move(arrived)), released_(std::move(released)) {}

Arrival::Arrival(Arrival&& other) noexcept
    : seat_(std::move(other.seat_)),
      arrived_(std::move(other.arrived_)),
      released_(std::move(other.released_)),
      reader_(std::exchange(other.reader_, std::nullopt)) {}

Arrival::~Arrival() {
  if (!reader_) return;
  try {
    record(released_, *reader_);
  } catch (const Error&) {
    // A device that cannot record is lost; the next call on it says so.
  }
}

Buffer Arrival::use_on(const Stream& stream) {
  wait(stream, arrived_);
  seat_.go(SeatState::in_use);
  reader_ = stream;
  return seat_.buffer();
}

Transfer::Transfer(Slab device) : device_(std::move(device)), lanes_(std::make_unique<Lanes>()) {
  constexpr std::size_t usual_travellers = 16;  // host seats; with more under way the vector grows
  lanes_->lanes.resize(static_cast<std::size_t>(device_.stats().seats));
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

std::optional<Arrival> Transfer::send(Seat host, std::size_t bytes) {
  std::optional<Seat> seat = device_.acquire(bytes);
  if (!seat) return std::nullopt;
  const Lanes::Lane& lane = lanes_->lanes[static_cast<std::size_t>(seat->number())];
  lanes_->start(std::move(host), bytes, seat->buffer(), lane);
  seat->go(SeatState::ready);
  return Arrival(std::move(*seat), lane.arrived, lane.released);
}

void Transfer::close() { device_.close(); }

SlabStats Transfer::stats() const { return device_.stats(); }

}  // namespace pinfeed
