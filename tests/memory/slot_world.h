// SPDX-License-Identifier: Apache-2.0
// The users of the slots at one moment, as values: what protocol_test.cpp walks through.
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
  int keeps = 1;          // batches the consumer holds at once
  bool device = false;    // batches go on to as many device slots
  int failing = -1;       // the batch of which the first image fails
  bool may_stop = false;  // the consumer may leave early
};

struct BatchJob {
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

struct Held {
  int batch = 0;
  int slot = 0;
};

// All there is to know at one moment.
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
  std::deque<BatchJob> flight;
  std::vector<int> working = {-1, -1};  // the batch of each worker's image
  std::deque<Copy> copies;              // given to the copy stream
  std::deque<Held> sent;                // on their way to the consumer
  std::deque<Held> held;                // in use
  std::deque<Held> reads;               // the reader's stream has still to read them
  int planned = 0;
  int delivered = 0;
  bool stopped = false;
};

inline std::string key_of(const World& world) {
  std::string key;
  const auto add = [&key](int number) { key += std::to_string(number) + ","; };
  for (const SlotStates* slots : {&world.host, &world.device}) {
    for (int i = 0; i < slots->count(); ++i) {
      int earlier = 0;  // the order in which slots were left, not when
      for (int j = 0; j < slots->count(); ++j) earlier += slots->left(j) < slots->left(i) ? 1 : 0;
      add(static_cast<int>(slots->state(i)));
      add(earlier);
    }
  }
  for (const int bytes : world.host_bytes) add(bytes);
  for (const int bytes : world.device_bytes) add(bytes);
  for (const BatchJob& job : world.flight) {
    for (const int part : {job.batch, job.slot, job.next_image, job.images_left, job.failed ? 1 : 0,
                           job.ready ? 1 : 0}) {
      add(part);
    }
  }
  key += "|";
  for (const int batch : world.working) add(batch);
  for (const Copy& copy : world.copies)
    add(copy.batch * 100 + copy.host_slot * 10 + copy.device_slot);
  for (const auto* list : {&world.sent, &world.held, &world.reads}) {
    key += "|";
    for (const Held& one : *list) add(one.batch * 10 + one.slot);
  }
  add(world.planned);
  add(world.delivered);
  add(world.stopped ? 1 : 0);
  return key;
}

}  // namespace pinfeed
