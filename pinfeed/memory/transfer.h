// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

class StagedCopy;

/// A batch on its way to the device. The host never waits for the copy: streams do. It waits at
/// most until a copy that a thread stages has been started. The destructor releases the device
/// slot.
class InFlightCopy {
 public:
  /// `staged`: null, or the copy that another thread starts.
  InFlightCopy(BatchSlot slot, Event arrived, Event released, std::shared_ptr<StagedCopy> staged);
  InFlightCopy(InFlightCopy&& other) noexcept;
  InFlightCopy& operator=(InFlightCopy&&) = delete;
  /// The device slot is filled again only after the work given so far to the stream of use_on().
  ~InFlightCopy();

  /// Makes `stream` wait for the copy and returns the device bytes. Call it once. Only work of this
  /// stream may read the bytes, and only work that is given to it before this object is destroyed.
  /// Throws Error(device) if the copy of a pageable slot could not be started.
  Buffer use_on(const Stream& stream);

 private:
  BatchSlot slot_;
  Event arrived_;
  Event released_;
  std::shared_ptr<StagedCopy> staged_;
  std::optional<Stream> reader_ = {};
};

/// Copies rendered host slots into device slots, on a copy stream of its own. Slots that are not
/// pinned are copied through two pinned buffers, by a thread, so that no caller waits for the
/// device.
class Transfer {
 public:
  /// `device` allocates device memory; the number of its slots limits the batches in flight.
  explicit Transfer(BatchBufferRing device);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  /// Waits for the copies in flight, so that their host slots are free.
  ~Transfer();

  /// Starts the copy of the first `bytes` bytes of a rendered slot and returns; the host slot is
  /// released when they have arrived. Waits while the reader owns all device slots; empty when
  /// closed. Any thread. Throws Error(device).
  std::optional<InFlightCopy> send(BatchSlot host, std::size_t bytes);
  void close();
  BatchBufferStats stats() const;

 private:
  struct CopyStream;
  BatchBufferRing device_;
  std::unique_ptr<CopyStream> copies_;
};

}  // namespace pinfeed
