// SPDX-License-Identifier: Apache-2.0
// The state of the slots and of their users as a value, which protocol_test.cpp explores.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "pinfeed/memory/slot_states.h"

namespace pinfeed {

struct Rules {
  int slots = 2;
  int batches = 4;
  int images = 2;
  int in_use = 1;         // batches that the consumer has at once
  bool device = false;    // batches are copied to as many device slots
  int failing = -1;       // the batch whose first image fails
  bool may_stop = false;  // the consumer may stop early
};

struct SimulatedJob {
  int batch = 0;
  int slot = -1;
  int next_image = 0;
  int images_left = 0;
  bool failed = false;
  bool ready = false;
};

struct Copy {
  int batch = 0;
  int host_slot = 0;
  int device_slot = 0;
};

struct BatchInSlot {
  int batch = 0;
  int slot = 0;
};

// The complete state at one moment.
struct World {
  explicit World(const Rules& rules)
      : host(rules.slots, MemoryKind::pageable),
        device(rules.slots, MemoryKind::device),
        host_bytes(static_cast<std::size_t>(rules.slots), -1),
        device_bytes(static_cast<std::size_t>(rules.slots), -1) {}

  SlotStates host;
  SlotStates device;
  std::vector<int> host_bytes;  // the batch in each slot
  std::vector<int> device_bytes;
  std::deque<SimulatedJob> in_flight;
  std::vector<int> working = {-1, -1};  // the batch of each worker's image
  std::deque<Copy> copies;              // queued in the copy stream
  std::deque<BatchInSlot> sent;         // sent to the consumer
  std::deque<BatchInSlot> owned;        // in use
  std::deque<BatchInSlot> reads;        // queued in the reader's stream
  int planned = 0;
  int delivered = 0;
  bool stopped = false;
};

inline std::string key_of(const World& world) {
  std::string key;
  const auto add = [&key](int number) { key += std::to_string(number) + ","; };
  for (const SlotStates* slots : {&world.host, &world.device}) {
    for (int i = 0; i < slots->count(); ++i) {
      int earlier = 0;  // only the order of the releases matters
      for (int j = 0; j < slots->count(); ++j)
        earlier += slots->release_number(j) < slots->release_number(i) ? 1 : 0;
      add(static_cast<int>(slots->state(i)));
      add(earlier);
    }
  }
  for (const int bytes : world.host_bytes) add(bytes);
  for (const int bytes : world.device_bytes) add(bytes);
  for (const SimulatedJob& job : world.in_flight) {
    for (const int part : {job.batch, job.slot, job.next_image, job.images_left, job.failed ? 1 : 0,
                           job.ready ? 1 : 0}) {
      add(part);
    }
  }
  key += "|";
  for (const int batch : world.working) add(batch);
  for (const Copy& copy : world.copies)
    add(copy.batch * 100 + copy.host_slot * 10 + copy.device_slot);
  for (const auto* list : {&world.sent, &world.owned, &world.reads}) {
    key += "|";
    for (const BatchInSlot& entry : *list) add(entry.batch * 10 + entry.slot);
  }
  add(world.planned);
  add(world.delivered);
  add(world.stopped ? 1 : 0);
  return key;
}

}  // namespace pinfeed
