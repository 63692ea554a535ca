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
// several images fail, the error of the first one is kept, so that the result does not depend on
// the speed of the threads. With on_bad_sample='skip' or 'refetch' the job returns to the planning
// thread instead.
#include "pinfeed/data/loader/loader_pipeline.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/image/cache/coefficient_cache.h"

namespace pinfeed {
namespace {

// Memory for a file that is too large was not allocated.
void check_file_fits(const image::Encoded& file, std::size_t max_bytes) {
  if (file.header.file_bytes <= max_bytes) return;
  throw Error(ErrorKind::data, "the file has " + std::to_string(file.header.file_bytes) +
                                   " bytes; pinfeed.memory_budget leaves " +
                                   std::to_string(max_bytes) + " for the files of a batch")
      .help("raise pinfeed = dict(memory_budget=...), or set on_bad_sample='skip'");
}

}  // namespace

// Planning ahead is bounded by the number of jobs and by the bytes of the files read ahead: while
// those of one planned batch do not fit, no further batch is planned.
bool LoaderPipeline::may_plan_ahead() const {
  return planned_ != nullptr ? planned_files_fit() : !free_jobs_.empty();
}

BatchJob* LoaderPipeline::job_to_replan() const {
  for (BatchJob* job : in_flight_) {
    if (job->needs_replacement) return job;
  }
  return nullptr;
}

void LoaderPipeline::plan_batches() {
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::plan, "plan");
  Lock lock(mutex_);
  const auto has_work = [this] { return job_to_replan() != nullptr || may_plan_ahead(); };
  while (wait_for(lock, wake_planner_, thread, has_work)) plan_batch(lock, thread);
}

void LoaderPipeline::plan_batch(Lock& lock, const StageClocks::Thread& thread) {
  if (BatchJob* bad = job_to_replan()) return replan(lock, *bad, thread);
  if (planned_ == nullptr) {
    BatchJob* job = free_jobs_.back();
    free_jobs_.pop_back();
    planning_ = true;
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    prepare(*job, true);
    clocks_.worked(thread, start, job->plan.position.batch);
    lock.lock();
    planning_ = false;
    planned_ = job;
    if (!planned_files_fit()) return;
  }
  allocate_files(*planned_);
  planned_->reset_progress();
  in_flight_.push_back(std::exchange(planned_, nullptr));
  wake_readers_.notify_all();
  wake_after_slot_or_file();
}

void LoaderPipeline::replan(Lock& lock, BatchJob& job, const StageClocks::Thread& thread) {
  lock.unlock();
  const StageClocks::Time start = StageClocks::now();
  prepare(job, false);
  clocks_.worked(thread, start, job.plan.position.batch);
  lock.lock();
  allocate_files(job);
  job.reset_progress();
  wake_readers_.notify_all();
  wake_after_slot_or_file();
}

// Plans the job, or a sample of it again, and places its files. Where that fails the job becomes
// its error.
void LoaderPipeline::prepare(BatchJob& job, bool is_new) {
  const BatchPlan& plan = job.plan;
  try {
    is_new ? planner_->next(job.plan) : replace_bad_sample(job);
    place_files(job);
  } catch (...) {
    job.plan.keep_error("planning");
  }
  if (plan.error) job.fail(plan.error);
  note_file_bytes(job.files_end);
}

// The job keeps its slot: later jobs may own all others until this one is handed out.
void LoaderPipeline::replace_bad_sample(BatchJob& job) {
  const std::size_t sample = job.plan.layout->images()[job.failed_image].sample;
  const std::exception_ptr error = job.plan.error;
  if (!planner_->replace(job.plan, sample, error)) job.plan.error = error;
  if (job.plan.error) return;
  check_budget(job);
  if (job.slot) job.slot->grow_to(bytes_needed(job));
}

BatchJob* LoaderPipeline::job_to_read() const {
  for (BatchJob* job : in_flight_) {
    if (!job->needs_replacement && job->next_file < job->plan.encoded.size()) return job;
  }
  return nullptr;
}

void LoaderPipeline::read_files(int number) {
  const StageClocks::Thread thread =
      clocks_.thread(LoaderStage::read, "io-" + std::to_string(number));
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
    std::span<std::byte> bytes;
    if (is_read(*file)) {
      check_file_fits(*file, max_file_bytes(job));
      bytes = {job.file_bytes.data() + job.file_offsets[number], file->header.file_bytes};
    } else if (file->cache.found != nullptr && !use_record(*file)) {
      job.replaced_files[number].resize(file->header.file_bytes);
      bytes = job.replaced_files[number];
    }
    if (is_read(*file)) read_stored(*file, bytes);
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

// A job whose file could not be read has no slot when it waits for a replacement. Until it has one,
// later jobs get none: they might take all slots, which only the consumer of this job can release.
BatchJob* LoaderPipeline::job_to_render() {
  bool earlier_needs_slot = false;
  for (BatchJob* job : in_flight_) {
    if (job->ready) continue;
    if (job->needs_replacement) {
      earlier_needs_slot = earlier_needs_slot || !job->tensors_attached;
      continue;
    }
    if (job->unread_files > 0) return nullptr;
    if (!job->tensors_attached && !job->plan.error) {
      if (earlier_needs_slot || !attach_slot(*job)) return nullptr;
    }
    const bool has_images = job->next_image < job->image_count();
    if (has_images || job->unrendered_images == 0) return job;
    // Other threads render its last images.
  }
  return nullptr;
}

void LoaderPipeline::render_images(int number) {
  RenderThread thread{.clock =
                          clocks_.thread(LoaderStage::render, "render-" + std::to_string(number))};
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
  if (!planner_->rules().keep_steps) job.file_bytes = {};  // steps are rendered again from them
  if (job.slot) job.slot->advance_to(SlotState::ready);
  wake_consumer_.notify_all();
  wake_renderers_.notify_all();
  wake_planner_.notify_one();  // fewer file bytes are in flight
}

bool LoaderPipeline::front_is_ready() const {
  return !in_flight_.empty() && in_flight_.front()->ready;
}

}  // namespace pinfeed
