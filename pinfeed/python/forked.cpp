// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/forked.h"

#include <pthread.h>

#include <atomic>

namespace pinfeed::python {
namespace {

std::atomic<unsigned> forks = 0;

}  // namespace

void watch_forks() {
  ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
}

unsigned process_number() { return forks.load(std::memory_order_relaxed); }

}  // namespace pinfeed::python
