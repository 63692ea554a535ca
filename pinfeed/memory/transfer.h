// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// A batch on its way to the device, or there. The host never waits for the copy: streams do.
class InFlightCopy {
 public:
  InFlightCopy(BatchSlot slot, Event arrived, Event released);
  InFlightCopy(InFlightCopy&& other) noexcept;
  InFlightCopy& operator=(InFlightCopy&&) = delete;
  /// The slot is filled again when the work given to the stream of use_on() so far is done.
  ~InFlightCopy();

  /// Makes `stream` wait for the copy and gives the device bytes. Call it once; only work of this
  /// stream may read them, and only work given to it before this dies.
  Buffer use_on(const Stream& stream);
  const Event& arrived() const { return arrived_; }

 private:
  BatchSlot slot_;
  Event arrived_;
  Event released_;
  std::optional<Stream> reader_ = {};
};

/// Carries rendered host slots into device slots, on a copy stream of its own. Two events gate a
/// device slot: its reader waits for `arrived`, the copy stream waits for `released`.
class Transfer {
 public:
  /// `device` allocates device memory; its slots bound the batches that are ahead.
  explicit Transfer(BatchBufferRing device);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  /// Waits for the copies under way, so that their host slots are free.
  ~Transfer();

  /// Starts the copy of the first `bytes` bytes of a rendered slot and returns; the host slot is
  /// free when they have arrived. Waits while the reader holds all device slots; empty when closed.
  /// Any thread. Throws Error(device).
  std::optional<InFlightCopy> send(BatchSlot host, std::size_t bytes);
  void close();
  BatchBufferStats stats() const;

 private:
  struct Lanes;
  BatchBufferRing device_;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace pinfeed
