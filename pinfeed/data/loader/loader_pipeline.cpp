// SPDX-License-Identifier: Apache-2.0
// How batches move through the threads of a loader.
//
// A fixed set of BatchJobs circulates: free -> planned -> files read -> rendered -> handed out ->
// free. `in_flight_` has the planned jobs in order, and each thread works on the first of them that
// has work of its kind: one thread plans whole batches, io-N read single files, render-N render
// single images. So the oldest batch is always finished first, several threads share one batch, and
// no thread waits for another one that waits. The lock protects the job list and the counters; a
// thread releases it while it works.
//
// An exception never leaves a thread. It is stored in the plan of its job, with sample and batch as
// context, and Loader::next() throws it at the position of that batch. What a thread throws outside
// the work for a job ends that thread, and next() throws it instead of waiting (run_guarded). If
// several images fail, the
// error of the first one is kept, so that the result does not depend on the speed of the threads.
// With on_bad_sample='skip' or 'refetch' the job returns to the planning thread instead.
#include "pinfeed/data/loader/loader_pipeline.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/image_file.h"

namespace pinfeed {
namespace {

// Half of a memory budget is for slots, a quarter for files that were read ahead, an eighth for
// decoded images.
std::size_t decoded_cache_bytes(const LoaderLimits& limits) {
  constexpr std::int64_t limit = 128 << 20;
  return static_cast<std::size_t>(std::min(limits.memory_budget.value_or(8 * limit) / 8, limit));
}

}  // namespace

LoaderPipeline::LoaderPipeline(Planner& planner, LoaderLimits limits)
    : planner_(&planner), limits_(std::move(limits)), clocks_(limits_.trace) {
  decoded_ = std::make_shared<image::PixelCache>(decoded_cache_bytes(limits_));
  consumer_ = clocks_.thread(LoaderStage::consumer, "consumer");
  const int count = 2 * limits_.slots + 2;
  for (int i = 0; i < count; ++i) jobs_.push_back(std::make_unique<BatchJob>());
  for (const auto& job : jobs_) free_jobs_.push_back(job.get());
  in_flight_.reserve(jobs_.size());
}

LoaderPipeline::~LoaderPipeline() {
  stop();
  ring_.reset();  // until then slots in transfer call back
}

void LoaderPipeline::start() {
  if (!threads_.empty()) return;
  stopping_ = false;
  failure_ = nullptr;
  const auto launch = [this](std::function<void()> work) {
    threads_.emplace_back([this, work = std::move(work)] { run_guarded(work); });
  };
  launch([this] { plan_batches(); });
  for (int i = 0; i < limits_.io_threads; ++i) launch([this, i] { read_files(i); });
  for (int i = 0; i < limits_.threads; ++i) launch([this, i] { render_images(i); });
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
  clocks_.end_slot_wait();
  handed_out_.reset();
  for (BatchJob* job : in_flight_) {
    job->slot.reset();
    free_jobs_.push_back(job);
  }
  in_flight_.clear();
}

template <class Ready>
bool LoaderPipeline::wait_for(Lock& lock, std::condition_variable& signal,
                              const StageClocks::Thread& thread, Ready ready) {
  const StageClocks::Time start = StageClocks::now();
  signal.wait(lock, [&] { return stopping_ || ready(); });
  clocks_.waited(thread, start);
  return !stopping_;
}

// Planning ahead is bounded by the number of jobs and by the bytes of the files read ahead.
bool LoaderPipeline::may_plan_ahead() const {
  if (free_jobs_.empty()) return false;
  if (in_flight_.empty() || !limits_.memory_budget) return true;
  std::int64_t bytes = 0;
  for (const BatchJob* job : in_flight_) bytes += std::ssize(job->file_bytes);
  return bytes < *limits_.memory_budget / 4;
}

BatchJob* LoaderPipeline::job_to_replan() const {
  for (BatchJob* job : in_flight_) {
    if (job->needs_replacement) return job;
  }
  return nullptr;
}

void LoaderPipeline::plan_batches() {
  set_thread("pinfeed-plan", Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::plan, "plan");
  Lock lock(mutex_);
  const auto has_work = [this] { return job_to_replan() != nullptr || may_plan_ahead(); };
  while (wait_for(lock, wake_planner_, thread, has_work)) plan_batch(lock, thread);
}

void LoaderPipeline::plan_batch(Lock& lock, const StageClocks::Thread& thread) {
  BatchJob* job = job_to_replan();
  const bool is_new = job == nullptr;
  if (is_new) {
    job = free_jobs_.back();
    free_jobs_.pop_back();
  }
  lock.unlock();
  const StageClocks::Time start = StageClocks::now();
  prepare(*job, is_new);
  clocks_.worked(thread, start, job->plan.position.batch);
  lock.lock();
  job->reset_progress();
  if (is_new) in_flight_.push_back(job);
  wake_readers_.notify_all();
  wake_after_slot_or_file();
}

// Plans the job, or a sample of it again. Where that fails the job becomes its error.
void LoaderPipeline::prepare(BatchJob& job, bool is_new) {
  BatchPlan& plan = job.plan;
  try {
    is_new ? planner_->next(plan) : replace_bad_sample(job);
    job.reserve_file_bytes(expected_file_bytes_);
  } catch (...) {
    Error error = current_error("planning");
    error.with_context(BatchContext{plan.position.batch, plan.position.epoch});
    plan.error = std::make_exception_ptr(std::move(error));
  }
  if (!plan.error) return;
  plan.layout.reset();
  plan.encoded.clear();
  job.slot.reset();
}

// The job keeps its slot: later jobs may own all others until this one is handed out.
void LoaderPipeline::replace_bad_sample(BatchJob& job) {
  const std::size_t sample = job.plan.layout->images()[job.failed_image].sample;
  const std::exception_ptr error = job.plan.error;
  if (!planner_->replace(job.plan, sample, error)) job.plan.error = error;
  if (!job.plan.error && job.slot) job.slot->grow_to(bytes_needed(job));
}

BatchJob* LoaderPipeline::job_to_read() const {
  for (BatchJob* job : in_flight_) {
    if (!job->needs_replacement && job->next_file < job->plan.encoded.size()) return job;
  }
  return nullptr;
}

void LoaderPipeline::read_files(int number) {
  const std::string name = "io-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::read, name);
  Lock lock(mutex_);
  const auto has_work = [this] { return job_to_read() != nullptr; };
  while (wait_for(lock, wake_readers_, thread, has_work)) read_file(lock, *job_to_read(), thread);
}

void LoaderPipeline::read_file(Lock& lock, BatchJob& job, const StageClocks::Thread& thread) {
  const std::size_t number = job.next_file++;
  lock.unlock();
  const StageClocks::Time start = StageClocks::now();
  image::Encoded* file = job.plan.encoded[number];
  std::exception_ptr error;
  try {
    const std::span<std::byte> bytes(job.file_bytes.data() + job.file_offsets[number],
                                     file->header.file_bytes);
    read_stored(*file, bytes);
  } catch (...) {
    error = std::current_exception();
  }
  clocks_.worked(thread, start, job.plan.position.batch);
  lock.lock();
  if (error) record_failure(job, job.plan.first_image_of(file), error);
  if (--job.unread_files == 0) wake_after_slot_or_file();
}

void LoaderPipeline::record_failure(BatchJob& job, std::size_t image, std::exception_ptr error) {
  if (job.plan.error && job.failed_image <= image) return;
  job.plan.error = job.plan.with_context(std::move(error), image);
  job.failed_image = image;
  job.failed = true;
}

// Also wakes the consumer: the next batch may wait for a slot that the consumer owns.
void LoaderPipeline::wake_after_slot_or_file() {
  wake_renderers_.notify_all();
  wake_consumer_.notify_all();
}

BatchJob* LoaderPipeline::job_to_render() {
  for (BatchJob* job : in_flight_) {
    if (job->ready || job->needs_replacement) continue;
    if (job->unread_files > 0) return nullptr;
    if (!job->tensors_attached && !job->plan.error && !attach_slot(*job)) return nullptr;
    const bool has_images = job->next_image < job->image_count();
    if (has_images || job->unrendered_images == 0) return job;
    // Other threads render its last images.
  }
  return nullptr;
}

void LoaderPipeline::render_images(int number) {
  const std::string name = "render-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  RenderThread thread{.clock = clocks_.thread(LoaderStage::render, name)};
  thread.scratch.share(decoded_);
  Lock lock(mutex_);
  BatchJob* job = nullptr;
  const auto has_work = [this, &job] { return (job = job_to_render()) != nullptr; };
  while (wait_for(lock, wake_renderers_, thread.clock, has_work)) {
    if (job->plan.error) {  // the remaining images are not needed
      job->unrendered_images -= job->image_count() - job->next_image;
      job->next_image = job->image_count();
    }
    if (job->next_image < job->image_count()) render_image(lock, *job, thread);
    finish_if_rendered(*job);
  }
}

void LoaderPipeline::render_image(Lock& lock, BatchJob& job, RenderThread& thread) {
  constexpr std::size_t timed_in_detail = 8;  // one image in so many
  const std::size_t image = job.next_image++;
  lock.unlock();
  const StageClocks::Time start = StageClocks::now();
  std::exception_ptr error;
  thread.scratch.measure(thread.rendered++ % timed_in_detail == 0);
  try {
    const ImageSlot& image_slot = job.plan.layout->images()[image];
    image::render(image_slot.image, view_of(image_slot, job.slot->buffer()), thread.scratch);
  } catch (...) {
    error = std::current_exception();
  }
  clocks_.rendered(thread.clock, start, job.plan.position.batch, thread.scratch.times());
  lock.lock();
  if (error) record_failure(job, image, error);
  --job.unrendered_images;
}

void LoaderPipeline::finish_if_rendered(BatchJob& job) {
  if (job.unrendered_images > 0) return;
  const bool raises = planner_->rules().on_bad_sample == OnBadSample::raise;
  if (job.failed && !raises) {
    job.needs_replacement = true;
    wake_planner_.notify_one();
    return;
  }
  job.ready = true;
  if (job.slot) job.slot->advance_to(SlotState::ready);
  wake_consumer_.notify_all();
  wake_renderers_.notify_all();
}

bool LoaderPipeline::front_is_ready() const {
  return !in_flight_.empty() && in_flight_.front()->ready;
}

BatchJob* LoaderPipeline::hand_out() {
  Lock lock(mutex_);
  if (handed_out_) clocks_.worked(consumer_, *handed_out_, handed_out_batch_);
  handed_out_.reset();
  const auto stuck = [&] { return !front_is_ready() && consumer_owns_all_slots(); };
  while (!front_is_ready()) {
    wait_for(lock, wake_consumer_, consumer_,
             [&] { return front_is_ready() || failure_ || stuck(); });
    if (front_is_ready()) break;
    if (failure_) std::rethrow_exception(failure_);
    if (wake_consumer_.wait_for(lock, limits_.slot_timeout, [&] { return !stuck(); })) continue;
    throw Error(ErrorKind::system, "all " + std::to_string(ring_->stats().slots) +
                                       " slots of the loader belong to batches that are in use")
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
  job->slot.reset();
  {
    const std::lock_guard lock(mutex_);
    free_jobs_.push_back(job);
  }
  wake_planner_.notify_one();
  wake_renderers_.notify_all();
}

}  // namespace pinfeed
