// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace pinfeed {

/// While it lives, the first SIGINT or SIGTERM only asks to stop; a second one ends the process as
/// it always does. One at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  bool asked() const;

 private:
  struct sigaction before_interrupt_ = {};
  struct sigaction before_terminate_ = {};
};

}  // namespace pinfeed
