// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader_pipeline.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed {

namespace {

// Half of a budget is for slots, a quarter for files that were read ahead.
std::size_t room_for_decoded(const LoaderLimits& limits) {
  constexpr std::int64_t enough = 128 << 20;
  return static_cast<std::size_t>(std::min(limits.memory_budget.value_or(8 * enough) / 8, enough));
}

}  // namespace

LoaderPipeline::LoaderPipeline(Planner& planner, LoaderLimits limits)
    : planner_(&planner), limits_(std::move(limits)), clocks_(limits_.trace) {
  decoded_ = std::make_shared<image::PixelCache>(room_for_decoded(limits_));
  consumer_ = clocks_.thread(LoaderStage::consumer, "consumer");
  const int count = 2 * limits_.slots + 2;
  for (int i = 0; i < count; ++i) jobs_.push_back(std::make_unique<BatchJob>());
  for (const auto& job : jobs_) free_.push_back(job.get());
  flight_.reserve(jobs_.size());
}

LoaderPipeline::~LoaderPipeline() {
  stop();
  ring_.reset();  // slots that travel call back until then
}

void LoaderPipeline::start() {
  if (!threads_.empty()) return;
  stopping_ = false;
  threads_.emplace_back([this] { plan_batches(); });
  for (int i = 0; i < limits_.io_threads; ++i) threads_.emplace_back([this, i] { read_files(i); });
  for (int i = 0; i < limits_.threads; ++i) threads_.emplace_back([this, i] { render_images(i); });
}

void LoaderPipeline::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (auto* signal : {&planning_, &reading_, &rendering_, &ready_}) signal->notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  clocks_.has_slot();  // nobody waits for one any more
  handed_out_.reset();
  for (BatchJob* job : flight_) {
    job->slot.reset();
    free_.push_back(job);
  }
  flight_.clear();
}

template <class Ready>
bool LoaderPipeline::wait_for(Lock& lock, std::condition_variable& signal,
                              const StageClocks::Thread& thread, Ready ready) {
  const StageClocks::Time start = StageClocks::now();
  signal.wait(lock, [&] { return stopping_ || ready(); });
  clocks_.waited(thread, start);
  return !stopping_;
}

std::int64_t LoaderPipeline::planned_bytes() const {
  std::int64_t bytes = 0;
  for (const BatchJob* job : flight_) bytes += static_cast<std::int64_t>(job->bytes.size());
  return bytes;
}

bool LoaderPipeline::room_to_plan() const {
  if (free_.empty()) return false;
  return flight_.empty() || !limits_.memory_budget || planned_bytes() < *limits_.memory_budget / 4;
}

void LoaderPipeline::plan_batches() {
  set_thread("pinfeed-plan", Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::plan, "plan");
  Lock lock(mutex_);
  const auto work = [this] { return job_to_replace() != nullptr || room_to_plan(); };
  while (wait_for(lock, planning_, thread, work)) {
    BatchJob* job = job_to_replace();
    const bool replacing = job != nullptr;
    if (!replacing) {
      job = free_.back();
      free_.pop_back();
    }
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    if (replacing) {
      replace_sample(*job);
    } else {
      planner_->next(job->plan);
    }
    lay_out_files(*job, most_file_bytes_);
    clocks_.worked(thread, start, job->plan.position.batch);
    lock.lock();
    start_work(*job);
    if (!replacing) flight_.push_back(job);
    reading_.notify_all();
    wake_for_rendering();
  }
}

BatchJob* LoaderPipeline::job_to_read() {
  for (BatchJob* job : flight_) {
    if (!job->replacing && job->next_file < job->plan.encoded.size()) return job;
  }
  return nullptr;
}

void LoaderPipeline::read_files(int number) {
  const std::string name = "io-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::read, name);
  Lock lock(mutex_);
  while (wait_for(lock, reading_, thread, [this] { return job_to_read() != nullptr; })) {
    BatchJob* job = job_to_read();
    const std::size_t file = job->next_file++;
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    image::Encoded* stored = job->plan.encoded[file];
    std::exception_ptr error;
    try {
      const std::span<std::byte> room(job->bytes.data() + job->file_offsets[file],
                                      stored->header.file_bytes);
      read_stored(*stored, room);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_.worked(thread, start, job->plan.position.batch);
    lock.lock();
    if (error) fail(*job, image_of(job->plan, stored), error);
    if (--job->files_left == 0) wake_for_rendering();
  }
}

// Of several failures the first image's counts, whichever thread was quicker.
void LoaderPipeline::fail(BatchJob& job, std::size_t image, std::exception_ptr error) {
  if (job.plan.error && job.failed_image <= image) return;
  job.plan.error = with_context(std::move(error), job.plan, image);
  job.failed_image = image;
  job.failed = true;
}

// The consumer as well: a slot of its own may be all that the next batch waits for.
void LoaderPipeline::wake_for_rendering() {
  rendering_.notify_all();
  ready_.notify_all();
}

BatchJob* LoaderPipeline::job_to_render() {
  for (BatchJob* job : flight_) {
    if (job->ready || job->replacing) continue;
    if (job->files_left > 0) return nullptr;
    if (!job->begun && !job->plan.error) {
      try {
        if (!job->slot && !slot(*job)) return nullptr;
        finalize_layout(*job->plan.layout, job->slot->buffer());
        job->begun = true;
      } catch (...) {
        job->plan.error = std::current_exception();
      }
    }
    const bool more = job->next_image < job->plan.layout->images().size();
    if (more || job->images_left == 0) return job;  // else others are at its last images
  }
  return nullptr;
}

void LoaderPipeline::finish_image(BatchJob& job) {
  if (job.images_left > 0) return;
  const bool raises = planner_->rules().on_bad_sample == OnBadSample::raise;
  if (job.failed && !raises) {
    job.replacing = true;
    planning_.notify_one();
    return;
  }
  job.ready = true;
  if (job.slot) job.slot->go(SlotState::ready);
  ready_.notify_all();
  rendering_.notify_all();
}

void LoaderPipeline::render_images(int number) {
  constexpr std::size_t measured = 8;  // one in so many
  const std::string name = "render-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::render, name);
  image::Scratch scratch;
  scratch.share(decoded_);
  std::size_t done = 0;
  Lock lock(mutex_);
  BatchJob* job = nullptr;
  const auto found = [this, &job] { return (job = job_to_render()) != nullptr; };
  while (wait_for(lock, rendering_, thread, found)) {
    const std::size_t count = job->plan.layout->images().size();
    if (job->plan.error) {  // the rest is not worth rendering
      job->images_left -= count - job->next_image;
      job->next_image = count;
    }
    if (job->next_image == count) {
      finish_image(*job);
      continue;
    }
    const std::size_t image = job->next_image++;
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    std::exception_ptr error;
    scratch.measure(done++ % measured == 0);
    try {
      const ImageSlot& image_slot = job->plan.layout->images()[image];
      image::render(image_slot.image, view_of(image_slot, job->slot->buffer()), scratch);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_.rendered(thread, start, job->plan.position.batch, scratch.times());
    lock.lock();
    if (error) fail(*job, image, error);
    --job->images_left;
    finish_image(*job);
  }
}

BatchJob* LoaderPipeline::take() {
  Lock lock(mutex_);
  if (handed_out_) clocks_.worked(consumer_, *handed_out_);
  handed_out_.reset();
  const auto ready = [this] { return !flight_.empty() && flight_.front()->ready; };
  const auto stuck = [&] { return !ready() && all_slots_kept(); };
  while (!ready()) {
    wait_for(lock, ready_, consumer_, [&] { return ready() || stuck(); });
    if (ready() || ready_.wait_for(lock, limits_.patience, [&] { return !stuck(); })) continue;
    throw Error(ErrorKind::system, "all " + std::to_string(ring_->stats().slots) +
                                       " slots of the loader are kept by batches that are alive")
        .help("let a batch go before the next but one is asked for, or copy what is kept");
  }
  BatchJob* job = flight_.front();
  flight_.erase(flight_.begin());
  if (job->slot && !limits_.device) job->slot->go(SlotState::in_use);
  handed_out_ = StageClocks::now();
  planning_.notify_one();  // there is room for more bytes
  return job;
}

bool LoaderPipeline::ready() const {
  const std::lock_guard lock(mutex_);
  return !flight_.empty() && flight_.front()->ready;
}

void LoaderPipeline::give_back(BatchJob* job) {
  job->plan.clear();
  job->slot.reset();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(job);
  }
  planning_.notify_one();
  rendering_.notify_all();
}

}  // namespace pinfeed
