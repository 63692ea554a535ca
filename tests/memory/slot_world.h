// SPDX-License-Identifier: Apache-2.0
// The users of the seats at one moment, as values: what protocol_test.cpp walks through.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "pinfeed/memory/slot_states.h"

namespace pinfeed {

struct Rules {
  int seats = 2;
  int batches = 4;
  int pictures = 2;
  int keeps = 1;          // batches the consumer holds at once
  bool device = false;    // batches go on to as many device seats
  int failing = -1;       // the batch of which the first picture fails
  bool may_stop = false;  // the consumer may leave early
};

struct Ticket {
  int batch = 0;
  int seat = -1;
  int next_picture = 0;
  int pictures_left = 0;
  bool failed = false;
  bool ready = false;
};

struct Copy {
  int batch = 0;
  int host_seat = 0;
  int device_seat = 0;
};

struct Held {
  int batch = 0;
  int seat = 0;
};

// All there is to know at one moment.
struct World {
  explicit World(const Rules& rules)
      : host(rules.seats, MemoryPlace::pageable),
        device(rules.seats, MemoryPlace::device),
        host_bytes(static_cast<std::size_t>(rules.seats), -1),
        device_bytes(static_cast<std::size_t>(rules.seats), -1) {}

  Seats host;
  Seats device;
  std::vector<int> host_bytes;  // the batch in each seat
  std::vector<int> device_bytes;
  std::deque<Ticket> flight;
  std::vector<int> working = {-1, -1};  // the batch of each worker's picture
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
  for (const Seats* seats : {&world.host, &world.device}) {
    for (int i = 0; i < seats->count(); ++i) {
      int earlier = 0;  // the order in which seats were left, not when
      for (int j = 0; j < seats->count(); ++j) earlier += seats->left(j) < seats->left(i) ? 1 : 0;
      add(static_cast<int>(seats->state(i)));
      add(earlier);
    }
  }
  for (const int bytes : world.host_bytes) add(bytes);
  for (const int bytes : world.device_bytes) add(bytes);
  for (const Ticket& ticket : world.flight) {
    for (const int part : {ticket.batch, ticket.seat, ticket.next_picture, ticket.pictures_left,
                           ticket.failed ? 1 : 0, ticket.ready ? 1 : 0}) {
      add(part);
    }
  }
  key += "|";
  for (const int batch : world.working) add(batch);
  for (const Copy& copy : world.copies)
    add(copy.batch * 100 + copy.host_seat * 10 + copy.device_seat);
  for (const auto* list : {&world.sent, &world.held, &world.reads}) {
    key += "|";
    for (const Held& one : *list) add(one.batch * 10 + one.seat);
  }
  add(world.planned);
  add(world.delivered);
  add(world.stopped ? 1 : 0);
  return key;
}

}  // namespace pinfeed
