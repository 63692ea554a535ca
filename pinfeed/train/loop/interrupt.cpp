// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/interrupt.h"

namespace pinfeed {
namespace {

volatile std::sig_atomic_t requested_ = 0;

void request_stop(int) { requested_ = 1; }

}  // namespace

InterruptWatch::InterruptWatch() {
  requested_ = 0;
  struct sigaction action = {};
  action.sa_handler = request_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_interrupt_);
  sigaction(SIGTERM, &action, &before_terminate_);
  sigaction(SIGHUP, nullptr, &before_hangup_);
  if (before_hangup_.sa_handler == SIG_IGN) return;
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

InterruptWatch::~InterruptWatch() {
  sigaction(SIGINT, &before_interrupt_, nullptr);
  sigaction(SIGTERM, &before_terminate_, nullptr);
  sigaction(SIGHUP, &before_hangup_, nullptr);
}

bool InterruptWatch::requested() { return requested_ != 0; }

}  // namespace pinfeed
