// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// A batch on its way to the device, or there. The host never waits for the copy: streams do.
class Arrival {
 public:
  Arrival(Seat seat, Event arrived, Event released);
  Arrival(Arrival&& other) noexcept;
  Arrival& operator=(Arrival&&) = delete;
  /// The seat is filled again when the work given to the stream of use_on() so far is done.
  ~Arrival();

  /// Makes `stream` wait for the copy and gives the device bytes. Call it once; only work of this
  /// stream may read them, and only work given to it before this dies.
  Buffer use_on(const Stream& stream);
  const Event& arrived() const { return arrived_; }

 private:
  Seat seat_;
  Event arrived_;
  Event released_;
  std::optional<Stream> reader_ = {};
};

/// Carries rendered host seats into device seats, on a copy stream of its own. Two events gate a
/// device seat: its reader waits for `arrived`, the copy stream waits for `released`.
class Transfer {
 public:
  /// `device` allocates device memory; its seats bound the batches that are ahead.
  explicit Transfer(Slab device);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  /// Waits for the copies under way, so that their host seats are free.
  ~Transfer();

  /// Starts the copy of the first `bytes` bytes of a rendered seat and returns; the host seat is
  /// free when they have arrived. Waits while the reader holds all device seats; empty when closed.
  /// Any thread. Throws Error(device).
  std::optional<Arrival> send(Seat host, std::size_t bytes);
  void close();
  SlabStats stats() const;

 private:
  struct Lanes;
  Slab device_;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace pinfeed
