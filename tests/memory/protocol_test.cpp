// SPDX-License-Identifier: Apache-2.0
// The slot protocol, walked through to the end: every order in which two workers, a copy stream and
// a consumer can act on two or three slots, with failing images and an early stop. The slots are
// the real ones; what their users do is written down here as LoaderPipeline and Transfer do it.
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
    const bool all_free = world.host.free() == rules_.slots &&
                          (!rules_.device || world.device.free() == rules_.slots);
    return all_free && (world.stopped || world.delivered == rules_.batches);
  }

  void act(const World& world) {
    plan(world);
    for (std::size_t worker = 0; worker < world.working.size(); ++worker) {
      begin_image(world, worker);
      end_image(world, worker);
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
    const auto most = static_cast<std::size_t>(rules_.slots + 1);
    if (world.stopped || world.planned == rules_.batches || world.flight.size() == most) return;
    World& next = next_.emplace_back(world);
    next.flight.push_back({.batch = next.planned++, .images_left = rules_.images});
  }

  // LoaderPipeline::ticket_to_render: slots go out in the order of the batches.
  void begin_image(const World& world, std::size_t worker) {
    if (world.stopped || world.working[worker] >= 0) return;
    World next = world;
    for (BatchJob& job : next.flight) {
      if (job.ready) continue;
      if (job.slot < 0 && !job.failed) {
        const auto slot = next.host.take([](int) { return 0; });
        if (!slot) return;
        job.slot = *slot;
        next.host_bytes[static_cast<std::size_t>(*slot)] = job.batch;
      }
      if (job.next_image == rules_.images) continue;
      ++job.next_image;
      next.working[worker] = job.batch;
      next_.push_back(std::move(next));
      return;
    }
  }

  // LoaderPipeline::finish_image.
  void end_image(const World& world, std::size_t worker) {
    const int batch = world.working[worker];
    if (batch < 0) return;
    World& next = next_.emplace_back(world);
    next.working[worker] = -1;
    for (BatchJob& job : next.flight) {
      if (job.batch != batch) continue;
      expect(next.host_bytes[static_cast<std::size_t>(job.slot)] == batch,
             "a slot was given away while it was rendered");
      if (batch == rules_.failing && !job.failed) {
        job.failed = true;  // the rest is not rendered
        job.images_left -= rules_.images - job.next_image;
        job.next_image = rules_.images;
      }
      if (--job.images_left > 0) return;
      job.ready = true;
      next.host.go(job.slot, SlotState::ready);
    }
  }

  // The front of the flight, when it is ready; a failed one is told and its slot left.
  std::optional<Held> front(World& next) {
    if (next.stopped || next.flight.empty() || !next.flight.front().ready) return std::nullopt;
    const BatchJob job = next.flight.front();
    next.flight.pop_front();
    expect(job.batch == next.delivered + static_cast<int>(next.sent.size()),
           "a batch was lost, or came out of order");
    return Held{job.failed ? -1 : job.batch, job.slot};
  }

  void use_on_host(const World& world) {
    World next = world;
    if (static_cast<int>(world.held.size()) == rules_.keeps) return;
    const auto taken = front(next);
    if (!taken) return;
    ++next.delivered;
    if (taken->batch < 0) {
      next.host.leave(taken->slot);
    } else {
      next.host.go(taken->slot, SlotState::in_use);
      next.held.push_back(*taken);
    }
    next_.push_back(std::move(next));
  }

  // Transfer::send. It waits for a device slot before it takes the batch.
  void send(const World& world) {
    World next = world;
    const auto slot = next.device.take([](int) { return 0; });
    if (!slot) return;
    const auto taken = front(next);
    if (!taken) return;
    if (taken->batch < 0) {
      next.host.leave(taken->slot);
      next.device.leave(*slot);
      next.sent.push_back({-1, -1});
    } else {
      next.host.go(taken->slot, SlotState::travelling);
      next.device.go(*slot, SlotState::ready);
      next.copies.push_back({taken->batch, taken->slot, *slot});
      next.sent.push_back({taken->batch, *slot});
    }
    next_.push_back(std::move(next));
  }

  // The copy stream waits for `released`: all reads of the slot given so far.
  void copy(const World& world) {
    if (world.copies.empty()) return;
    const Copy copy = world.copies.front();
    for (const Held& read : world.reads) {
      if (read.slot == copy.device_slot && read.batch < copy.batch) return;
    }
    World& next = next_.emplace_back(world);
    next.copies.pop_front();
    expect(next.host_bytes[static_cast<std::size_t>(copy.host_slot)] == copy.batch,
           "a host slot was given away while it travelled");
    next.device_bytes[static_cast<std::size_t>(copy.device_slot)] = copy.batch;
    next.host.leave(copy.host_slot);
  }

  void use_on_device(const World& world) {
    if (world.sent.empty() || static_cast<int>(world.held.size()) == rules_.keeps) return;
    World& next = next_.emplace_back(world);
    const Held sent = next.sent.front();
    next.sent.pop_front();
    ++next.delivered;
    if (sent.batch < 0) return;
    next.device.go(sent.slot, SlotState::in_use);
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
    expect(next.device_bytes[static_cast<std::size_t>(read.slot)] == read.batch,
           "a device slot was overwritten before it was read");
  }

  void let_go(const World& world) {
    for (std::size_t i = 0; i < world.held.size(); ++i) {
      World& next = next_.emplace_back(world);
      (rules_.device ? next.device : next.host).leave(world.held[i].slot);
      next.held.erase(next.held.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // LoaderPipeline::stop, once the images in work are done; copies under way are waited for.
  void stop(const World& world) {
    if (!rules_.may_stop || world.stopped || !world.copies.empty()) return;
    for (const int batch : world.working) {
      if (batch >= 0) return;
    }
    World& next = next_.emplace_back(world);
    next.stopped = true;
    for (const BatchJob& job : next.flight) {
      if (job.slot >= 0) next.host.leave(job.slot);
    }
    for (const Held& sent : next.sent) {
      if (sent.batch >= 0) next.device.leave(sent.slot);
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

TEST(SlotProtocol, HoldsOnTheHost) {
  for (const int slots : {2, 3}) {
    for (const int keeps : {1, 2}) expect_sound({.slots = slots, .batches = 5, .keeps = keeps});
  }
}

TEST(SlotProtocol, HoldsOnTheHostWithAFailureAndAnEarlyStop) {
  for (const int slots : {2, 3}) {
    for (const int failing : {0, 2}) {
      expect_sound({.slots = slots, .keeps = 2, .failing = failing, .may_stop = true});
    }
  }
}

TEST(SlotProtocol, HoldsWithADevice) {
  for (const int slots : {2, 3}) expect_sound({.slots = slots, .batches = 4, .device = true});
}

TEST(SlotProtocol, HoldsWithADeviceAFailureAndAnEarlyStop) {
  expect_sound({.slots = 2, .batches = 4, .device = true, .failing = 1, .may_stop = true});
  expect_sound(
      {.slots = 3, .batches = 3, .keeps = 2, .device = true, .failing = 1, .may_stop = true});
}

}  // namespace
}  // namespace pinfeed
