// SPDX-License-Identifier: Apache-2.0
// Which batch sits where.
#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/kernels.h"

namespace pinfeed {
namespace {

// Room for the boxes and labels of the samples, each on a cache line, and for their valid sizes.
std::size_t luggage_bytes(std::span<const Sample> samples) {
  constexpr std::size_t line = 64;
  std::size_t bytes = 2 * line;
  for (const Sample& sample : samples) {
    bytes += sizeof(ValidSize) + 3 * line;
    bytes += sample.boxes.size() * (4 * sizeof(float) + sizeof(std::int64_t));
  }
  return bytes;
}

Allocator near(int device, Allocator allocator) {
  return [device, allocator = std::move(allocator)](std::size_t bytes) {
    choose_device(device);
    return allocator(bytes);
  };
}

}  // namespace

// A batch that travels takes its boxes along, behind what the collate laid out: one copy.
std::size_t Flow::seat_bytes(const Ticket& ticket) const {
  const std::size_t bytes = ticket.plan.layout->bytes();
  return limits_.device ? bytes + luggage_bytes(*ticket.plan.samples) : bytes;
}

// A seat for the ticket, if one is free. Seats go out in the order of the batches.
bool Flow::seat(Ticket& ticket) {
  const std::size_t bytes = seat_bytes(ticket);
  const auto budget = limits_.memory_budget;
  if (budget && static_cast<std::int64_t>(bytes) > *budget) {
    throw Error(ErrorKind::config, "memory_budget is " + std::to_string(*budget) +
                                       " bytes; one batch needs " + std::to_string(bytes))
        .inside("pinfeed.memory_budget")
        .help("raise pinfeed = dict(memory_budget=...), or use a smaller batch_size");
  }
  if (!slab_) open_slab(ticket);
  ticket.seat = slab_->try_acquire(bytes);
  ticket.seat ? clocks_.has_seat() : clocks_.lacks_seat();
  return ticket.seat.has_value();
}

// What a batch takes whose pictures are all as large as the pipeline's bound allows. Batches to
// come may have more boxes: without room for them a seat would be allocated anew. Where there is no
// bound, the first batch stands for all.
std::size_t Flow::bound_bytes(const Ticket& ticket) const {
  constexpr std::size_t line = 64;
  const std::size_t bytes = seat_bytes(ticket);
  const std::size_t room = bytes / 16;
  const auto& pictures = ticket.plan.layout->pictures();
  const Bound bound = planner_->bound();
  if (!bound || pictures.empty()) return bytes + room;
  std::size_t own = 0;
  std::size_t pixel = 0;
  for (const PicturePlace& place : pictures) {
    const Size size = place.picture.size();
    own += static_cast<std::size_t>(place.row_bytes) * static_cast<std::size_t>(size.height);
    pixel = std::max(pixel, static_cast<std::size_t>(place.row_bytes / size.width));
  }
  const std::size_t samples = ticket.plan.samples->size();
  const auto most = static_cast<std::size_t>(planner_->rules().batch_size);
  const std::size_t count = std::max(samples, most) * ((pictures.size() + samples - 1) / samples);
  const std::size_t all = count * (static_cast<std::size_t>(bound->pixels) * pixel + line);
  return std::max(bytes, bytes - own + all) + room;
}

// Half of the budget is for seats. A bound that it has no room for is no reason to fail: seats grow
// where they must.
void Flow::open_slab(const Ticket& ticket) {
  std::size_t bytes = bound_bytes(ticket);
  std::int64_t seats = limits_.seats;
  if (limits_.memory_budget && bytes > 0) {
    const std::int64_t half = *limits_.memory_budget / 2;
    const std::size_t least = seat_bytes(ticket) + seat_bytes(ticket) / 16;
    bytes = std::max(least, std::min(bytes, static_cast<std::size_t>(half)));
    seats = std::clamp<std::int64_t>(half / static_cast<std::int64_t>(bytes), 1, seats);
  }
  const std::size_t all = bytes * static_cast<std::size_t>(seats);
  SeatMemory memory = seat_memory(all, limits_.pinning, limits_.device.has_value());
  if (limits_.device) memory.allocate = near(*limits_.device, std::move(memory.allocate));
  Allocator block = carved(std::move(memory.allocate), static_cast<int>(seats), bytes);
  slab_ = std::make_unique<Slab>(std::move(block), static_cast<int>(seats), bytes);
  pinned_ = memory.pinned;
  warning_ = std::move(memory.warning);
  if (limits_.device) open_all_seats(bytes);
}

// Before the first copy: this thread holds the lock that a seat which arrives takes, and memory may
// be locked only when the device has come to rest.
void Flow::open_all_seats(std::size_t bytes) {
  slab_->when_arrived([this] { seat_arrived(); });
  std::vector<Seat> all;
  while (std::optional<Seat> seat = slab_->try_acquire(bytes)) all.push_back(std::move(*seat));
}

// On the thread that calls back from the device.
void Flow::seat_arrived() {
  const std::lock_guard lock(mutex_);
  wake_for_rendering();
}

// The next batch waits for a seat, and nobody but the consumer can leave one.
bool Flow::all_seats_kept() const {
  if (flight_.empty() || !slab_ || slab_->stats().free > 0) return false;
  const Ticket& next = *flight_.front();
  if (next.ready || next.files_left > 0 || next.plan.error) return false;
  return std::none_of(flight_.begin(), flight_.end(),
                      [](const Ticket* ticket) { return ticket->seat.has_value(); });
}

bool Flow::pinned() const {
  const std::lock_guard lock(mutex_);
  return pinned_;
}

SlabStats Flow::seats() const {
  const std::lock_guard lock(mutex_);
  return slab_ ? slab_->stats() : SlabStats{};
}

std::string Flow::take_warning() {
  const std::lock_guard lock(mutex_);
  return std::exchange(warning_, "");
}

}  // namespace pinfeed
