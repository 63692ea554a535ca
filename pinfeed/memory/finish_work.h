// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// Waits for the work of a stream, or before an event, where nothing may be thrown. An error means
/// that the device is lost: the next call of its user throws it.
template <class StreamOrEvent>
void finish(const StreamOrEvent& work) noexcept {
  try {
    synchronize(work);
  } catch (const Error&) {
  }
}

}  // namespace pinfeed
