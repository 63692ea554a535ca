// SPDX-License-Identifier: Apache-2.0
// Explores the slot protocol completely: every order in which two workers, a copy stream and a
// consumer can act on two or three slots, with failing images and an early stop. The slot states
// are the real ones; the steps of their users repeat those of LoaderPipeline and Transfer.
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

  // Visits every reachable state and stops at the first violation.
  void explore() {
    std::vector<World> open = {World(rules_)};
    seen_.insert(key_of(open.back()));
    while (!open.empty() && violation_.empty()) {
      const World world = open.back();
      open.pop_back();
      const std::size_t before = next_.size();
      act(world);
      if (next_.size() == before && !finished(world)) violation_ = "a deadlock in " + key_of(world);
      for (World& reached : next_) {
        if (seen_.insert(key_of(reached)).second) open.push_back(std::move(reached));
      }
      next_.clear();
    }
  }

  const std::string& violation() const { return violation_; }
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
    release(world);
    stop(world);
  }

  void plan(const World& world) {
    const auto limit = static_cast<std::size_t>(rules_.slots + 1);
    if (world.stopped || world.planned == rules_.batches || world.in_flight.size() == limit) return;
    World& next = next_.emplace_back(world);
    next.in_flight.push_back({.batch = next.planned++, .images_left = rules_.images});
  }

  // LoaderPipeline::job_to_render: slots are assigned in the order of the batches.
  void begin_image(const World& world, std::size_t worker) {
    if (world.stopped || world.working[worker] >= 0) return;
    World next = world;
    for (SimulatedJob& job : next.in_flight) {
      if (job.ready) continue;
      if (job.slot < 0 && !job.failed) {
        const auto slot = next.host.acquire([](int) { return 0; });
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

  // LoaderPipeline::finish_if_rendered.
  void end_image(const World& world, std::size_t worker) {
    const int batch = world.working[worker];
    if (batch < 0) return;
    World& next = next_.emplace_back(world);
    next.working[worker] = -1;
    for (SimulatedJob& job : next.in_flight) {
      if (job.batch != batch) continue;
      expect(next.host_bytes[static_cast<std::size_t>(job.slot)] == batch,
             "a slot was acquired again while it was rendered");
      if (batch == rules_.failing && !job.failed) {
        job.failed = true;  // the rest is not rendered
        job.images_left -= rules_.images - job.next_image;
        job.next_image = rules_.images;
      }
      if (--job.images_left > 0) return;
      job.ready = true;
      next.host.advance_to(job.slot, SlotState::ready);
    }
  }

  // Removes the first batch if it is ready. A failed batch is reported and its slot released.
  std::optional<BatchInSlot> pop_front(World& next) {
    if (next.stopped || next.in_flight.empty() || !next.in_flight.front().ready)
      return std::nullopt;
    const SimulatedJob job = next.in_flight.front();
    next.in_flight.pop_front();
    expect(job.batch == next.delivered + static_cast<int>(next.sent.size()),
           "a batch was lost, or came out of order");
    return BatchInSlot{job.failed ? -1 : job.batch, job.slot};
  }

  void use_on_host(const World& world) {
    World next = world;
    if (static_cast<int>(world.owned.size()) == rules_.in_use) return;
    const auto batch = pop_front(next);
    if (!batch) return;
    ++next.delivered;
    if (batch->batch < 0) {
      next.host.release(batch->slot);
    } else {
      next.host.advance_to(batch->slot, SlotState::in_use);
      next.owned.push_back(*batch);
    }
    next_.push_back(std::move(next));
  }

  // Transfer::send. It waits for a device slot before it removes the batch from the queue.
  void send(const World& world) {
    World next = world;
    const auto slot = next.device.acquire([](int) { return 0; });
    if (!slot) return;
    const auto batch = pop_front(next);
    if (!batch) return;
    if (batch->batch < 0) {
      next.host.release(batch->slot);
      next.device.release(*slot);
      next.sent.push_back({-1, -1});
    } else {
      next.host.advance_to(batch->slot, SlotState::in_transfer);
      next.device.advance_to(*slot, SlotState::ready);
      next.copies.push_back({batch->batch, batch->slot, *slot});
      next.sent.push_back({batch->batch, *slot});
    }
    next_.push_back(std::move(next));
  }

  // The copy stream waits for `released`: all reads of the slot that were queued before.
  void copy(const World& world) {
    if (world.copies.empty()) return;
    const Copy copy = world.copies.front();
    for (const BatchInSlot& read : world.reads) {
      if (read.slot == copy.device_slot && read.batch < copy.batch) return;
    }
    World& next = next_.emplace_back(world);
    next.copies.pop_front();
    expect(next.host_bytes[static_cast<std::size_t>(copy.host_slot)] == copy.batch,
           "a host slot was acquired again while it was in transfer");
    next.device_bytes[static_cast<std::size_t>(copy.device_slot)] = copy.batch;
    next.host.release(copy.host_slot);
  }

  void use_on_device(const World& world) {
    if (world.sent.empty() || static_cast<int>(world.owned.size()) == rules_.in_use) return;
    World& next = next_.emplace_back(world);
    const BatchInSlot sent = next.sent.front();
    next.sent.pop_front();
    ++next.delivered;
    if (sent.batch < 0) return;
    next.device.advance_to(sent.slot, SlotState::in_use);
    next.owned.push_back(sent);
    next.reads.push_back(sent);
  }

  // The reader's stream waits for `arrived`.
  void read_on_device(const World& world) {
    if (world.reads.empty()) return;
    const BatchInSlot read = world.reads.front();
    for (const Copy& copy : world.copies) {
      if (copy.batch == read.batch) return;
    }
    World& next = next_.emplace_back(world);
    next.reads.pop_front();
    expect(next.device_bytes[static_cast<std::size_t>(read.slot)] == read.batch,
           "a device slot was overwritten before it was read");
  }

  void release(const World& world) {
    for (std::size_t i = 0; i < world.owned.size(); ++i) {
      World& next = next_.emplace_back(world);
      (rules_.device ? next.device : next.host).release(world.owned[i].slot);
      next.owned.erase(next.owned.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // LoaderPipeline::stop, once the images being rendered are done; it waits for copies in flight.
  void stop(const World& world) {
    if (!rules_.may_stop || world.stopped || !world.copies.empty()) return;
    for (const int batch : world.working) {
      if (batch >= 0) return;
    }
    World& next = next_.emplace_back(world);
    next.stopped = true;
    for (const SimulatedJob& job : next.in_flight) {
      if (job.slot >= 0) next.host.release(job.slot);
    }
    for (const BatchInSlot& sent : next.sent) {
      if (sent.batch >= 0) next.device.release(sent.slot);
    }
    next.in_flight.clear();
    next.sent.clear();
    next.host.close();
    next.device.close();
  }

  void expect(bool condition, const char* otherwise) {
    if (!condition && violation_.empty()) violation_ = otherwise;
  }

  Rules rules_;
  std::set<std::string> seen_;
  std::vector<World> next_;
  std::string violation_;
};

void expect_sound(const Rules& rules) {
  Explorer explorer(rules);
  explorer.explore();
  EXPECT_EQ(explorer.violation(), "");
  EXPECT_GT(explorer.worlds(), 100U);
  testing::Test::RecordProperty("worlds", static_cast<int>(explorer.worlds()));
}

TEST(SlotProtocol, IsSoundOnTheHost) {
  for (const int slots : {2, 3}) {
    for (const int keeps : {1, 2}) expect_sound({.slots = slots, .batches = 5, .in_use = keeps});
  }
}

TEST(SlotProtocol, IsSoundOnTheHostWithAFailureAndAnEarlyStop) {
  for (const int slots : {2, 3}) {
    for (const int failing : {0, 2}) {
      expect_sound({.slots = slots, .in_use = 2, .failing = failing, .may_stop = true});
    }
  }
}

TEST(SlotProtocol, IsSoundWithADevice) {
  for (const int slots : {2, 3}) expect_sound({.slots = slots, .batches = 4, .device = true});
}

TEST(SlotProtocol, IsSoundWithADeviceAFailureAndAnEarlyStop) {
  expect_sound({.slots = 2, .batches = 4, .device = true, .failing = 1, .may_stop = true});
  expect_sound(
      {.slots = 3, .batches = 3, .in_use = 2, .device = true, .failing = 1, .may_stop = true});
}

}  // namespace
}  // namespace pinfeed
