// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/data/loader/batch_job.h"
#include "pinfeed/data/loader/planner.h"
#include "pinfeed/data/loader/stage_clocks.h"
#include "pinfeed/image/expression/pixel_cache.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/memory/slot_storage.h"

namespace pinfeed {

/// How many threads and how much memory a loader may use.
struct FlowLimits {
  int threads = 1;
  int io_threads = 4;
  int seats = 4;                                   // batches rendering, ready or in use
  std::optional<std::int64_t> memory_budget = {};  // bytes
  Pinning pinning = Pinning::prefer;
  std::optional<int> device = {};     // batches travel to this one
  std::shared_ptr<Trace> trace = {};  // what each thread does when
  std::chrono::seconds patience{10};  // with all seats in the hands of the consumer
};

/// The moving part of a loader: one planning thread, reader threads, render threads, and the
/// tickets between them. Batches come out in the order they are planned.
class Flow : public std::enable_shared_from_this<Flow> {
 public:
  Flow(Planner& planner, FlowLimits limits);
  ~Flow();

  /// Starts the threads (again).
  void start();
  /// Ends the threads; everything not handed out is dropped. Waits for the samples in work.
  void stop();

  /// Waits for the next ticket in order: a batch, the end of an epoch, or an error. Throws
  /// Error(system) when the batches that were handed out keep all seats and none comes back within
  /// the patience; it can be called again.
  Ticket* take();
  /// True when take() would not wait.
  bool ready() const;
  /// Recycles a ticket that take() gave.
  void give_back(Ticket* ticket);

  std::map<std::string, StageTimes> stages() const { return clocks_.times(); }
  const FlowLimits& limits() const { return limits_; }
  /// True when the seats are page-locked; known from the first batch on.
  bool pinned() const;
  /// Nothing before the first batch.
  SlabStats seats() const;
  /// What the user should know of the seats' memory; empty at most times, told once.
  std::string take_warning();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void plan_batches();
  void read_files(int number);
  void render_pictures(int number);
  Ticket* ticket_to_read();
  void wake_for_rendering();
  Ticket* ticket_to_render();
  bool seat(Ticket& ticket);
  std::size_t seat_bytes(const Ticket& ticket) const;
  std::size_t bound_bytes(const Ticket& ticket) const;
  void open_slab(const Ticket& ticket);
  void open_all_seats(std::size_t bytes);
  void seat_arrived();
  bool all_seats_kept() const;
  void fail(Ticket& ticket, std::size_t picture, std::exception_ptr error);
  void finish_picture(Ticket& ticket);
  Ticket* ticket_to_replace();
  void replace_sample(Ticket& ticket);
  void start_work(Ticket& ticket);
  std::int64_t planned_bytes() const;
  bool room_to_plan() const;
  template <class Ready>
  bool wait_for(Lock& lock, std::condition_variable& signal, const StageClocks::Thread& thread,
                Ready ready);

  Planner* planner_;
  FlowLimits limits_;
  std::unique_ptr<Slab> slab_;
  bool pinned_ = false;
  std::string warning_;

  mutable std::mutex mutex_;
  std::condition_variable planning_;   // a ticket came free
  std::condition_variable reading_;    // a ticket was planned
  std::condition_variable rendering_;  // files were read, a seat came free
  std::condition_variable ready_;      // a ticket is ready
  std::vector<std::unique_ptr<Ticket>> tickets_;
  std::vector<Ticket*> free_;
  std::vector<Ticket*> flight_;      // planned and not handed out, in order
  std::size_t most_file_bytes_ = 0;  // of a batch; the planning thread only
  bool stopping_ = false;
  std::shared_ptr<image::PixelCache> decoded_;  // of steps that look at earlier samples
  std::vector<std::thread> threads_;
  StageClocks clocks_;
  StageClocks::Thread consumer_ = {};
  std::optional<StageClocks::Time> handed_out_ = {};  // when the consumer got what it works on
};

}  // namespace pinfeed
