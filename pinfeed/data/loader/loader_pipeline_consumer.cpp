// SPDX-License-Identifier: Apache-2.0
// The consumer's side of the pipeline, and the life of its threads.
#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/loader/loader_pipeline.h"

namespace pinfeed {

LoaderPipeline::~LoaderPipeline() {
  stop();
  ring_.reset();  // until then slots in transfer call back
}

void LoaderPipeline::start() {
  if (!threads_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
    failure_ = nullptr;
  }
  try {
    start_threads();
  } catch (...) {
    stop();
    throw;
  }
}

void LoaderPipeline::start_threads() {
  const auto start = [this](const std::string& name, std::function<void()> work) {
    threads_.push_back(start_thread("pinfeed-" + name, Priority::background,
                                    [this, work = std::move(work)] { run_guarded(work); }));
  };
  threads_.reserve(static_cast<std::size_t>(1 + limits_.io_threads + limits_.threads));
  start("plan", [this] { plan_batches(); });
  for (int i = 0; i < limits_.io_threads; ++i) {
    start("io-" + std::to_string(i), [this, i] { read_files(i); });
  }
  for (int i = 0; i < limits_.threads; ++i) {
    start("render-" + std::to_string(i), [this, i] { render_images(i); });
  }
}

void LoaderPipeline::run_guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::make_exception_ptr(current_error("a thread of the loader"));
    wake_consumer_.notify_all();
  }
}

// Other threads may recycle batches at the same time. A slot is released without the lock.
void LoaderPipeline::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (auto* signal : {&wake_planner_, &wake_readers_, &wake_renderers_, &wake_consumer_}) {
    signal->notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  std::vector<BatchJob*> dropped;
  {
    const std::lock_guard lock(mutex_);
    clocks_.end_slot_wait();
    handed_out_.reset();
    if (planned_ != nullptr) in_flight_.push_back(std::exchange(planned_, nullptr));
    dropped = in_flight_;
    in_flight_.clear();
  }
  for (BatchJob* job : dropped) {
    job->slot.reset();
    job->file_bytes = {};
  }
  const std::lock_guard lock(mutex_);
  free_jobs_.insert(free_jobs_.end(), dropped.begin(), dropped.end());
}

// The consumer asks for a batch: its work for the one before has ended.
void LoaderPipeline::end_of_use() {
  if (handed_out_) clocks_.worked(consumer_, *handed_out_, handed_out_batch_);
  handed_out_.reset();
}

// Only the consumer can continue: by releasing a batch.
bool LoaderPipeline::consumer_owns_all() const {
  return !front_is_ready() && (consumer_owns_all_slots() || consumer_owns_all_jobs());
}

bool LoaderPipeline::wait(std::chrono::milliseconds most) {
  Lock lock(mutex_);
  if (front_is_ready()) return true;
  end_of_use();
  const StageClocks::Time start = StageClocks::now();
  const bool has_job = wake_consumer_.wait_for(
      lock, most, [this] { return front_is_ready() || failure_ || consumer_owns_all(); });
  clocks_.waited(consumer_, start);
  return has_job;
}

BatchJob* LoaderPipeline::hand_out() {
  Lock lock(mutex_);
  end_of_use();
  const auto stuck = [this] { return consumer_owns_all(); };
  while (!front_is_ready()) {
    wait_for(lock, wake_consumer_, consumer_,
             [&] { return front_is_ready() || failure_ || stuck(); });
    if (front_is_ready()) break;
    if (failure_) std::rethrow_exception(failure_);
    if (wake_consumer_.wait_for(lock, limits_.slot_timeout, [&] { return failure_ || !stuck(); }))
      continue;
    const std::string all =
        consumer_owns_all_slots() ? std::to_string(ring_->stats().slots) + " slots" : "jobs";
    throw Error(ErrorKind::system,
                "all " + all + " of the loader belong to batches that are in use")
        .help("release a batch before calling next() again, or copy it");
  }
  BatchJob* job = in_flight_.front();
  in_flight_.erase(in_flight_.begin());
  if (job->slot && !limits_.device) job->slot->advance_to(SlotState::in_use);
  handed_out_ = StageClocks::now();
  handed_out_batch_ = job->plan.position.batch;
  wake_planner_.notify_one();  // fewer file bytes are in flight
  return job;
}

bool LoaderPipeline::ready() const {
  const std::lock_guard lock(mutex_);
  return front_is_ready();
}

void LoaderPipeline::recycle(BatchJob* job) {
  job->plan.clear();
  job->file_bytes = {};
  job->slot.reset();
  {
    const std::lock_guard lock(mutex_);
    slot_refused_ = false;
    free_jobs_.push_back(job);
  }
  wake_planner_.notify_one();
  wake_after_slot_or_file();
}

BatchSlot LoaderPipeline::take_slot(BatchJob& job) {
  BatchSlot slot = std::move(*job.slot);
  job.slot.reset();
  slot.announce_release();
  return slot;
}

}  // namespace pinfeed
