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
#include "pinfeed/memory/slot_memory.h"

namespace pinfeed {

/// How many threads and how much memory a loader may use.
struct LoaderLimits {
  int threads = 1;
  int io_threads = 4;
  int slots = 4;                                   // batches rendering, ready or in use
  std::optional<std::int64_t> memory_budget = {};  // bytes
  Pinning pinning = Pinning::prefer;
  std::optional<int> device = {};     // batches travel to this one
  std::shared_ptr<Trace> trace = {};  // what each thread does when
  std::chrono::seconds patience{10};  // with all slots in the hands of the consumer
};

/// The moving part of a loader: one planning thread, reader threads, render threads, and the
/// jobs between them. Batches come out in the order they are planned.
class LoaderPipeline : public std::enable_shared_from_this<LoaderPipeline> {
 public:
  LoaderPipeline(Planner& planner, LoaderLimits limits);
  ~LoaderPipeline();

  /// Starts the threads (again).
  void start();
  /// Ends the threads; everything not handed out is dropped. Waits for the samples in work.
  void stop();

  /// Waits for the next job in order: a batch, the end of an epoch, or an error. Throws
  /// Error(system) when the batches that were handed out keep all slots and none comes back within
  /// the patience; it can be called again.
  BatchJob* take();
  /// True when take() would not wait.
  bool ready() const;
  /// Recycles a job that take() gave.
  void give_back(BatchJob* job);

  std::map<std::string, StageTimes> stages() const { return clocks_.times(); }
  const LoaderLimits& limits() const { return limits_; }
  /// True when the slots are page-locked; known from the first batch on.
  bool pinned() const;
  /// Nothing before the first batch.
  BatchBufferStats slots() const;
  /// What the user should know of the slots' memory; empty at most times, told once.
  std::string take_warning();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void plan_batches();
  void read_files(int number);
  void render_images(int number);
  BatchJob* job_to_read();
  void wake_for_rendering();
  BatchJob* job_to_render();
  bool slot(BatchJob& job);
  std::size_t slot_bytes(const BatchJob& job) const;
  std::size_t bound_bytes(const BatchJob& job) const;
  void open_ring(const BatchJob& job);
  void open_all_slots(std::size_t bytes);
  void slot_arrived();
  bool all_slots_kept() const;
  void fail(BatchJob& job, std::size_t image, std::exception_ptr error);
  void finish_image(BatchJob& job);
  BatchJob* job_to_replace();
  void replace_sample(BatchJob& job);
  void start_work(BatchJob& job);
  std::int64_t planned_bytes() const;
  bool room_to_plan() const;
  template <class Ready>
  bool wait_for(Lock& lock, std::condition_variable& signal, const StageClocks::Thread& thread,
                Ready ready);

  Planner* planner_;
  LoaderLimits limits_;
  std::unique_ptr<BatchBufferRing> ring_;
  bool pinned_ = false;
  std::string warning_;

  mutable std::mutex mutex_;
  std::condition_variable planning_;   // a job came free
  std::condition_variable reading_;    // a job was planned
  std::condition_variable rendering_;  // files were read, a slot came free
  std::condition_variable ready_;      // a job is ready
  std::vector<std::unique_ptr<BatchJob>> jobs_;
  std::vector<BatchJob*> free_;
  std::vector<BatchJob*> flight_;    // planned and not handed out, in order
  std::size_t most_file_bytes_ = 0;  // of a batch; the planning thread only
  bool stopping_ = false;
  std::shared_ptr<image::PixelCache> decoded_;  // of steps that look at earlier samples
  std::vector<std::thread> threads_;
  StageClocks clocks_;
  StageClocks::Thread consumer_ = {};
  std::optional<StageClocks::Time> handed_out_ = {};  // when the consumer got what it works on
};

}  // namespace pinfeed
