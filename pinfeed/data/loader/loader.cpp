// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader.h"

#include <utility>

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
  if (job_ != nullptr) pipeline_->give_back(job_);
}

BatchSlot Batch::leave_slot() {
  BatchSlot slot = std::move(*job_->slot);
  job_->slot.reset();
  return slot;
}

Loader::Loader(Dataset dataset, Sampler sampler, Collate collate, const PlanRules& rules,
               const LoaderLimits& limits, BatchSampler batch_sampler,
               std::vector<DatasetSwitch> switches)
    : planner_(std::make_unique<Planner>(std::move(dataset), std::move(sampler), std::move(collate),
                                         rules, std::move(batch_sampler), std::move(switches))),
      pipeline_(std::make_shared<LoaderPipeline>(*planner_, limits)) {}

Loader::~Loader() {
  if (pipeline_) pipeline_->stop();
}

std::optional<Batch> Loader::next() {
  pipeline_->start();
  Batch batch(pipeline_->take(), pipeline_);
  const BatchPlan& plan = batch.plan();
  position_ = plan.end_of_epoch ? LoaderState{plan.position.epoch + 1, 0}
                                : LoaderState{plan.position.epoch, plan.position.batch + 1};
  if (!plan.end_of_epoch) note_bad(plan);
  if (plan.error) std::rethrow_exception(plan.error);
  if (plan.end_of_epoch) {
    if (warn_) count_masks();
    return std::nullopt;
  }
  if (warn_) tell(plan);
  return batch;
}

void Loader::tell(const BatchPlan& plan) {
  if (const std::string warning = pipeline_->take_warning(); !warning.empty()) warn_(warning);
  tell_of_masks(plan);
  for (const image::Encoded* stored : plan.encoded) {
    if (stored->damaged && !warned_.contains(stored->path)) {
      warned_.emplace(stored->path);
      warn_(std::string(stored->path) +
            " is damaged: parts of its data make no sense, and pixels from there on may be wrong");
    }
    if (!stored->truncated || warned_.contains(stored->path)) continue;
    warned_.emplace(stored->path);
    warn_(std::string(stored->path) +
          " ends early: the pixels that it lacks are made up, as allow_truncated=True says");
  }
}

void Loader::tell_of_masks(const BatchPlan& plan) {
  for (const OddMask& mask : plan.bad.odd_masks) {
    OddMasks& known = odd_masks_[std::string(mask.file)];
    if (known.ids.empty()) {
      known.first = mask.annotation;
      warn_(std::string(mask.file) + ": annotation " + std::to_string(mask.annotation) +
            " has a segmentation that makes no sense in whole or in part: a polygon needs three "
            "corners, run lengths need 'counts' and 'size'. What remains is used, an object "
            "without anything is ignored, as in OpenMMLab");
    }
    known.ids.insert(mask.annotation);
  }
}

// After the first epoch all of a file's are known.
void Loader::count_masks() {
  if (std::exchange(odd_masks_told_, true)) return;
  for (const auto& [file, masks] : odd_masks_) {
    warn_(file + ": " + std::to_string(masks.ids.size()) +
          " annotations of the epoch have a segmentation that makes no sense in whole or in part, "
          "the first is " +
          std::to_string(masks.first));
  }
}

void Loader::note_bad(const BatchPlan& plan) {
  for (const BadSample& bad : plan.bad.found) {
    if (!warn_ || warned_.contains(bad.file)) continue;
    warned_.insert(bad.file);
    std::string where;
    if (bad.annotation) {
      where =
          " (annotation " + std::to_string(*bad.annotation) + " of " + bad.annotation_file + ")";
    }
    warn_("sample " + std::to_string(bad.index) + " was replaced: " + bad.file + ": " + bad.reason +
          where);
  }
  const std::int64_t samples = plan.samples ? std::ssize(*plan.samples) : 0;
  ledger_.add(plan.bad.found, samples, plan.position.epoch, plan.position.batch);
}

void Loader::seek(const LoaderState& position) {
  pipeline_->stop();
  planner_->seek(position);
  position_ = position;
}

}  // namespace pinfeed
