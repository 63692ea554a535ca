// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace pinfeed {

/// During its lifetime, the first SIGINT or SIGTERM only requests a stop; a second one ends the
/// process as usual. SIGHUP requests a stop too, however often it comes (a closed terminal sends it
/// more than once), unless it was ignored before, as under nohup. At most one object at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  /// Whether a signal has arrived since the newest InterruptWatch was created.
  static bool requested();

 private:
  struct sigaction before_interrupt_ = {};
  struct sigaction before_terminate_ = {};
  struct sigaction before_hangup_ = {};
};

}  // namespace pinfeed
