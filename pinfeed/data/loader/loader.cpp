// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader.h"

#include <limits>
#include <utility>

#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/data/loader/loader_warnings.h"
#include "pinfeed/data/loader/planner.h"

namespace pinfeed {

Batch::Batch(BatchJob* job, std::shared_ptr<LoaderPipeline> pipeline)
    : job_(job), pipeline_(std::move(pipeline)) {}

Batch::Batch(Batch&& other) noexcept
    : job_(std::exchange(other.job_, nullptr)), pipeline_(std::move(other.pipeline_)) {}

Batch& Batch::operator=(Batch&& other) noexcept {
  std::swap(job_, other.job_);
  std::swap(pipeline_, other.pipeline_);
  return *this;
}

Batch::~Batch() {
  if (job_ != nullptr) pipeline_->recycle(job_);
}

std::int64_t Batch::epoch() const { return job_->plan.position.epoch; }

std::int64_t Batch::index() const { return job_->plan.position.batch; }

const TreeNode& Batch::data() const { return job_->plan.layout->batch; }

std::span<const Sample> Batch::samples() const { return *job_->plan.samples; }

std::span<const ImageSlot> Batch::images() const { return job_->plan.layout->images(); }

image::ImageView Batch::pixels(const ImageSlot& image) const {
  return view_of(image, job_->slot->buffer());
}

Buffer Batch::bytes() const {
  Buffer buffer = job_->slot->buffer();
  buffer.size = job_->plan.layout->bytes();
  return buffer;
}

std::size_t Batch::capacity() const { return job_->slot->buffer().size; }

std::span<const StepRecords> Batch::steps() const { return job_->plan.steps; }

BatchSlot Batch::take_slot() { return pipeline_->take_slot(*job_); }

Loader::Loader(std::unique_ptr<Planner> planner, const LoaderLimits& limits)
    : planner_(std::move(planner)),
      pipeline_(std::make_shared<LoaderPipeline>(planner_, limits)),
      warnings_(std::make_unique<LoaderWarnings>()),
      ledger_(
          std::make_unique<BadSampleLedger>("", 1.0, std::numeric_limits<std::int64_t>::max())) {}

Loader::Loader(Dataset dataset, Sampler sampler, Collate collate, const PlanRules& rules,
               const LoaderLimits& limits)
    : Loader(std::make_unique<Planner>(std::move(dataset), std::move(sampler), std::move(collate),
                                       rules),
             limits) {}

Loader::Loader(Loader&&) noexcept = default;

Loader& Loader::operator=(Loader&& other) noexcept {
  if (this == &other) return *this;
  if (pipeline_) pipeline_->stop();  // batches may keep the pipeline, and with it its threads
  planner_ = std::move(other.planner_);
  pipeline_ = std::move(other.pipeline_);
  warnings_ = std::move(other.warnings_);
  ledger_ = std::move(other.ledger_);
  position_ = other.position_;
  return *this;
}

Loader::~Loader() {
  if (pipeline_) pipeline_->stop();
}

std::optional<Batch> Loader::next() {
  pipeline_->start();
  BatchJob* job = pipeline_->hand_out();
  Batch batch(job, pipeline_);
  const BatchPlan& plan = job->plan;
  position_ = plan.end_of_epoch ? LoaderState{plan.position.epoch + 1, 0}
                                : LoaderState{plan.position.epoch, plan.position.batch + 1};
  if (!plan.end_of_epoch) {
    warnings_->report_replaced_samples(plan);
    ledger_->add(plan.bad.found, plan.record_names(), plan.position.epoch, plan.position.batch);
  }
  if (plan.error) std::rethrow_exception(plan.error);
  if (plan.end_of_epoch) {
    warnings_->report_end_of_epoch();
    return std::nullopt;
  }
  if (warnings_->enabled()) warnings_->report(pipeline_->take_warning());
  warnings_->report_batch(plan);
  return batch;
}

bool Loader::ready() const { return pipeline_->ready(); }

bool Loader::wait(std::chrono::milliseconds most) {
  pipeline_->start();
  return pipeline_->wait(most);
}

void Loader::seek(const LoaderState& position) {
  pipeline_->stop();
  planner_->seek(position);
  position_ = position;
}

void Loader::warn_to(std::function<void(const std::string&)> warn) {
  warnings_->report_to(std::move(warn));
}

void Loader::write_bad_samples_to(const std::string& path, double max_fraction) {
  *ledger_ = BadSampleLedger(path, max_fraction, record_count(dataset()));
}

std::int64_t Loader::batches_per_epoch() const { return planner_->batches_per_epoch(); }

bool Loader::endless() const { return planner_->endless(); }

std::int64_t Loader::batch_size() const { return planner_->rules().batch_size; }

std::uint64_t Loader::seed() const { return planner_->rules().seed; }

bool Loader::replay() const { return planner_->rules().replay; }

int Loader::rank() const { return planner_->rules().rank; }

int Loader::world_size() const { return planner_->rules().world_size; }

const Dataset& Loader::dataset() const { return planner_->dataset(); }

int Loader::threads() const { return pipeline_->limits().threads; }

int Loader::io_threads() const { return pipeline_->limits().io_threads; }

bool Loader::pinned() const { return pipeline_->pinned(); }

BatchBufferStats Loader::slots() const { return pipeline_->slots(); }

std::map<std::string, StageTimes> Loader::stages() const { return pipeline_->stages(); }

}  // namespace pinfeed
