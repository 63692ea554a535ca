// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/recent_peak.h"
#include "pinfeed/data/loader/batch_job.h"
#include "pinfeed/data/loader/planner.h"
#include "pinfeed/data/loader/stage_clocks.h"
#include "pinfeed/image/expression/pixel_cache.h"
#include "pinfeed/image/expression/render.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/memory/pool.h"
#include "pinfeed/memory/slot_memory.h"

namespace pinfeed {

/// How many threads and how much memory a loader may use.
struct LoaderLimits {
  int threads = 1;                                 // that render
  int io_threads = 4;                              // that read files
  int slots = 4;                                   // batches that are rendered, ready or in use
  std::optional<std::int64_t> memory_budget = {};  // bytes
  Pinning pinning = Pinning::prefer;
  std::optional<int> device = {};                       // batches are copied to this device
  std::shared_ptr<Trace> trace = {};                    // records what each thread does
  std::shared_ptr<image::CoefficientCache> cache = {};  // of decoded JPEGs
  std::chrono::seconds slot_timeout{
      10};  // hand_out() throws if the consumer owns all slots so long
};

/// Moves batch jobs through the stages of a loader: plan, read files, render, hand out, recycle.
/// Batches are handed out in the order in which they are planned.
class LoaderPipeline {
 public:
  /// The pipeline, and so each batch that is in use, keeps the planner and its data set.
  LoaderPipeline(std::shared_ptr<Planner> planner, LoaderLimits limits);
  ~LoaderPipeline();

  /// Starts the threads, also again after stop(). Throws Error(system), with no thread running, if
  /// the system cannot start one.
  void start();
  /// Ends the threads and drops all jobs that are not handed out. Waits for the images that are
  /// being rendered.
  void stop();

  /// Waits for the next job in order: a batch, the end of an epoch, or an error. Throws
  /// Error(system) when the batches that were handed out occupy all slots or all jobs and none is
  /// released within the slot timeout; it may be called again then. Throws the error that ended a
  /// thread, of any kind, until the pipeline is started again. One thread at a time.
  BatchJob* hand_out();
  /// True when hand_out() would not wait.
  bool ready() const;
  /// Waits, at most this long, until hand_out() has a job, or an error or a reason to wait for the
  /// slot timeout. Returns false if the time was too short. One thread at a time, as hand_out().
  bool wait(std::chrono::milliseconds most);
  /// Takes back a job that was handed out, and releases its slot if it still has one. Any thread.
  void recycle(BatchJob* job);
  /// Moves the slot out of a job that was handed out. Its release is noticed, whenever it comes.
  BatchSlot take_slot(BatchJob& job);

  std::map<std::string, StageTimes> stages() const { return clocks_.times(); }
  const LoaderLimits& limits() const { return limits_; }
  /// True when the slots are page-locked; known from the first batch on.
  bool pinned() const;
  /// All zero before the first batch.
  BatchBufferStats slots() const;
  /// A warning about the memory of the slots, once; empty if there is none.
  std::string take_warning();

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct RenderThread {
    StageClocks::Thread clock = {};
    image::Scratch scratch = {};
    std::size_t rendered = 0;
  };

  // The body of every thread: runs `work` and keeps what it throws for hand_out().
  void run_guarded(const std::function<void()>& work);

  // The threads, and one step of each. Steps are entered and left with the lock held.
  void plan_batches();
  void plan_batch(Lock& lock, const StageClocks::Thread& thread);
  void read_files(int number);
  void read_file(Lock& lock, BatchJob& job, const StageClocks::Thread& thread);
  void render_images(int number);
  void render_image(Lock& lock, BatchJob& job, RenderThread& thread);

  // What a thread does next: the first job in order that has such work.
  BatchJob* job_to_replan() const;
  BatchJob* job_to_read() const;
  BatchJob* job_to_render();
  bool may_plan_ahead() const;
  bool front_is_ready() const;
  void start_threads();

  void prepare(BatchJob& job, bool is_new);
  void replan(Lock& lock, BatchJob& job, const StageClocks::Thread& thread);
  void replace_bad_sample(BatchJob& job);
  void record_failure(BatchJob& job, std::size_t image, std::exception_ptr error);
  void finish_if_rendered(BatchJob& job);
  void wake_after_slot_or_file();
  template <class Ready>
  bool wait_for(Lock& lock, std::condition_variable& signal, const StageClocks::Thread& thread,
                Ready ready);

  // loader_pipeline_budget.cpp: memory for files, and what of memory_budget it may take.
  void place_files(BatchJob& job);
  void note_file_bytes(std::size_t bytes);
  bool planned_files_fit() const;
  void allocate_files(BatchJob& job);
  std::size_t max_file_bytes(const BatchJob& job) const;
  void check_budget(const BatchJob& job) const;
  std::size_t slot_budget() const;
  bool consumer_owns_all_jobs() const;
  bool consumer_owns_all() const;
  void end_of_use();

  // loader_pipeline_slots.cpp: which job gets which slot, and how large slots are.
  bool attach_slot(BatchJob& job);
  bool acquire_slot(BatchJob& job);
  std::size_t bytes_needed(const BatchJob& job) const;
  std::size_t bytes_of_largest_batch(const BatchJob& job) const;
  void create_ring(const BatchJob& job);
  void allocate_all_slots(std::size_t bytes);
  bool consumer_owns_all_slots() const;

  std::shared_ptr<Planner> planner_;  // first: the jobs refer to its data set until the end
  LoaderLimits limits_;
  std::unique_ptr<BatchBufferRing> ring_;  // since the first planned batch
  bool pinned_ = false;
  std::string warning_;
  std::function<std::string()> pinning_refused_;  // SlotMemory::refused
  bool refusal_reported_ = false;

  mutable std::mutex mutex_;                // for all below, except where noted
  std::condition_variable wake_planner_;    // a job was recycled, or needs a replacement
  std::condition_variable wake_readers_;    // a job was planned
  std::condition_variable wake_renderers_;  // files were read, or a slot was released
  std::condition_variable wake_consumer_;   // a job is ready
  std::vector<std::unique_ptr<BatchJob>> jobs_;
  std::vector<BatchJob*> free_jobs_;
  std::vector<BatchJob*> in_flight_;  // planned and not handed out, in order
  BatchJob* planned_ = nullptr;       // the one after them, while its files do not fit into memory
  bool planning_ = false;             // the planning thread has a job that is in no list
  bool slot_refused_ = false;         // the next job waits for a slot since the last release
  Pool file_memory_;
  RecentPeak recent_file_bytes_;  // of a batch; only the planning thread uses it
  bool stopping_ = false;
  std::exception_ptr failure_ = {};             // that ended a thread
  std::shared_ptr<image::PixelCache> decoded_;  // images of earlier samples, for Cached steps
  std::vector<std::thread> threads_;
  StageClocks clocks_;
  StageClocks::Thread consumer_ = {};
  std::optional<StageClocks::Time> handed_out_ = {};  // when the consumer got its batch
  std::int64_t handed_out_batch_ = 0;
};

template <class Ready>
bool LoaderPipeline::wait_for(Lock& lock, std::condition_variable& signal,
                              const StageClocks::Thread& thread, Ready ready) {
  const StageClocks::Time start = StageClocks::now();
  signal.wait(lock, [&] { return stopping_ || ready(); });
  clocks_.waited(thread, start);
  return !stopping_;
}

}  // namespace pinfeed
