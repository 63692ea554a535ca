// SPDX-License-Identifier: Apache-2.0
// The seat protocol, walked through to the end: every order in which two workers, a copy stream and
// a consumer can act on two or three seats, with failing pictures and an early stop. The seats are
// the real ones; what their users do is written down here as Flow and Transfer do it.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/memory/slot_world.h"

namespace pinfeed {
namespace {

class Explorer {
 public:
  explicit Explorer(const Rules& rules) : rules_(rules) {}

  // Walks through all worlds that can be reached; the first thing that goes wrong ends it.
  void walk() {
    std::vector<World> open = {World(rules_)};
    seen_.insert(key_of(open.back()));
    while (!open.empty() && wrong_.empty()) {
      const World world = open.back();
      open.pop_back();
      const std::size_t before = next_.size();
      act(world);
      if (next_.size() == before && !finished(world)) wrong_ = "a dead-lock in " + key_of(world);
      for (World& one : next_) {
        if (seen_.insert(key_of(one)).second) open.push_back(std::move(one));
      }
      next_.clear();
    }
  }

  const std::string& wrong() const { return wrong_; }
  std::size_t worlds() const { return seen_.size(); }

 private:
  bool finished(const World& world) const {
    const bool all_free = world.host.free() == rules_.seats &&
                          (!rules_.device || world.device.free() == rules_.seats);
    return all_free && (world.stopped || world.delivered == rules_.batches);
  }

  void act(const World& world) {
    plan(world);
    for (std::size_t worker = 0; worker < world.working.size(); ++worker) {
      begin_picture(world, worker);
      end_picture(world, worker);
    }
    if (rules_.device) {
      send(world);
      copy(world);
      use_on_device(world);
      read_on_device(world);
    } else {
      use_on_host(world);
    }
    let_go(world);
    stop(world);
  }

  void plan(const World& world) {
    const auto most = static_cast<std::size_t>(rules_.seats + 1);
    if (world.stopped || world.planned == rules_.batches || world.flight.size() == most) return;
    World& next = next_.emplace_back(world);
    next.flight.push_back({.batch = next.planned++, .pictures_left = rules_.pictures});
  }

  // Flow::ticket_to_render: seats go out in the order of the batches.
  void begin_picture(const World& world, std::size_t worker) {
    if (world.stopped || world.working[worker] >= 0) return;
    World next = world;
    for (Ticket& ticket : next.flight) {
      if (ticket.ready) continue;
      if (ticket.seat < 0 && !ticket.failed) {
        const auto seat = next.host.take([](int) { return 0; });
        if (!seat) return;
        ticket.seat = *seat;
        next.host_bytes[static_cast<std::size_t>(*seat)] = ticket.batch;
      }
      if (ticket.next_picture == rules_.pictures) continue;
      ++ticket.next_picture;
      next.working[worker] = ticket.batch;
      next_.push_back(std::move(next));
      return;
    }
  }

  // Flow::finish_picture.
  void end_picture(const World& world, std::size_t worker) {
    const int batch = world.working[worker];
    if (batch < 0) return;
    World& next = next_.emplace_back(world);
    next.working[worker] = -1;
    for (Ticket& ticket : next.flight) {
      if (ticket.batch != batch) continue;
      expect(next.host_bytes[static_cast<std::size_t>(ticket.seat)] == batch,
             "a seat was given away while it was rendered");
      if (batch == rules_.failing && !ticket.failed) {
        ticket.failed = true;  // the rest is not rendered
        ticket.pictures_left -= rules_.pictures - ticket.next_picture;
        ticket.next_picture = rules_.pictures;
      }
      if (--ticket.pictures_left > 0) return;
      ticket.ready = true;
      next.host.go(ticket.seat, SeatState::ready);
    }
  }

  // The front of the flight, when it is ready; a failed one is told and its seat left.
  std::optional<Held> front(World& next) {
    if (next.stopped || next.flight.empty() || !next.flight.front().ready) return std::nullopt;
    const Ticket ticket = next.flight.front();
    next.flight.pop_front();
    expect(ticket.batch == next.delivered + static_cast<int>(next.sent.size()),
           "a batch was lost, or came out of order");
    return Held{ticket.failed ? -1 : ticket.batch, ticket.seat};
  }

  void use_on_host(const World& world) {
    World next = world;
    if (static_cast<int>(world.held.size()) == rules_.keeps) return;
    const auto taken = front(next);
    if (!taken) return;
    ++next.delivered;
    if (taken->batch < 0) {
      next.host.leave(taken->seat);
    } else {
      next.host.go(taken->seat, SeatState::in_use);
      next.held.push_back(*taken);
    }
    next_.push_back(std::move(next));
  }

  // Transfer::send. It waits for a device seat before it takes the batch.
  void send(const World& world) {
    World next = world;
    const auto seat = next.device.take([](int) { return 0; });
    if (!seat) return;
    const auto taken = front(next);
    if (!taken) return;
    if (taken->batch < 0) {
      next.host.leave(taken->seat);
      next.device.leave(*seat);
      next.sent.push_back({-1, -1});
    } else {
      next.host.go(taken->seat, SeatState::travelling);
      next.device.go(*seat, SeatState::ready);
      next.copies.push_back({taken->batch, taken->seat, *seat});
      next.sent.push_back({taken->batch, *seat});
    }
    next_.push_back(std::move(next));
  }

  // The copy stream waits for `released`: all reads of the seat given so far.
  void copy(const World& world) {
    if (world.copies.empty()) return;
    const Copy copy = world.copies.front();
    for (const Held& read : world.reads) {
      if (read.seat == copy.device_seat && read.batch < copy.batch) return;
    }
    World& next = next_.emplace_back(world);
    next.copies.pop_front();
    expect(next.host_bytes[static_cast<std::size_t>(copy.host_seat)] == copy.batch,
           "a host seat was given away while it travelled");
    next.device_bytes[static_cast<std::size_t>(copy.device_seat)] = copy.batch;
    next.host.leave(copy.host_seat);
  }

  void use_on_device(const World& world) {
    if (world.sent.empty() || static_cast<int>(world.held.size()) == rules_.keeps) return;
    World& next = next_.emplace_back(world);
    const Held sent = next.sent.front();
    next.sent.pop_front();
    ++next.delivered;
    if (sent.batch < 0) return;
    next.device.go(sent.seat, SeatState::in_use);
    next.held.push_back(sent);
    next.reads.push_back(sent);
  }

  // The reader's stream waits for `arrived`.
  void read_on_device(const World& world) {
    if (world.reads.empty()) return;
    const Held read = world.reads.front();
    for (const Copy& copy : world.copies) {
      if (copy.batch == read.batch) return;
    }
    World& next = next_.emplace_back(world);
    next.reads.pop_front();
    expect(next.device_bytes[static_cast<std::size_t>(read.seat)] == read.batch,
           "a device seat was overwritten before it was read");
  }

  void let_go(const World& world) {
    for (std::size_t i = 0; i < world.held.size(); ++i) {
      World& next = next_.emplace_back(world);
      (rules_.device ? next.device : next.host).leave(world.held[i].seat);
      next.held.erase(next.held.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // Flow::stop, once the pictures in work are done; copies under way are waited for.
  void stop(const World& world) {
    if (!rules_.may_stop || world.stopped || !world.copies.empty()) return;
    for (const int batch : world.working) {
      if (batch >= 0) return;
    }
    World& next = next_.emplace_back(world);
    next.stopped = true;
    for (const Ticket& ticket : next.flight) {
      if (ticket.seat >= 0) next.host.leave(ticket.seat);
    }
    for (const Held& sent : next.sent) {
      if (sent.batch >= 0) next.device.leave(sent.seat);
    }
    next.flight.clear();
    next.sent.clear();
    next.host.close();
    next.device.close();
  }

  void expect(bool holds, const char* otherwise) {
    if (!holds && wrong_.empty()) wrong_ = otherwise;
  }

  Rules rules_;
  std::set<std::string> seen_;
  std::vector<World> next_;
  std::string wrong_;
};

void expect_sound(const Rules& rules) {
  Explorer explorer(rules);
  explorer.walk();
  EXPECT_EQ(explorer.wrong(), "");
  EXPECT_GT(explorer.worlds(), 100U);
  testing::Test::RecordProperty("worlds", static_cast<int>(explorer.worlds()));
}

TEST(SeatProtocol, HoldsOnTheHost) {
  for (const int seats : {2, 3}) {
    for (const int keeps : {1, 2}) expect_sound({.seats = seats, .batches = 5, .keeps = keeps});
  }
}

TEST(SeatProtocol, HoldsOnTheHostWithAFailureAndAnEarlyStop) {
  for (const int seats : {2, 3}) {
    for (const int failing : {0, 2}) {
      expect_sound({.seats = seats, .keeps = 2, .failing = failing, .may_stop = true});
    }
  }
}

TEST(SeatProtocol, HoldsWithADevice) {
  for (const int seats : {2, 3}) expect_sound({.seats = seats, .batches = 4, .device = true});
}

TEST(SeatProtocol, HoldsWithADeviceAFailureAndAnEarlyStop) {
  expect_sound({.seats = 2, .batches = 4, .device = true, .failing = 1, .may_stop = true});
  expect_sound(
      {.seats = 3, .batches = 3, .keeps = 2, .device = true, .failing = 1, .may_stop = true});
}

}  // namespace
}  // namespace pinfeed
