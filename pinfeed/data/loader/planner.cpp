// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5, 3.6; docs/specs/decisions.md, 5.
//
// In keyed mode a batch is a function of (config, seed, epoch, batch index). The sampler gives the
// order of an epoch as a function from position to record. A batch is a range of positions. The
// random numbers of a sample have the key (seed, epoch, position in the order of all ranks), so
// planning one sample reads no state of another, and any batch can be planned first: seek() only
// sets a number. Steps that use earlier samples (Cached steps) plan those again from their own keys
// (plan_earlier). A replaced sample takes its numbers from the same key with a higher attempt.
//
// In replay mode the numbers come from the sequential streams of OpenMMLab's workers: batch b uses
// the stream of worker b mod num_workers. These streams have no random access, so seek() plans all
// batches before the target and drops them.
#include "pinfeed/data/loader/planner.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

std::int64_t consecutive_batches(std::int64_t samples, const PlanRules& rules) {
  const std::int64_t rounding = rules.drop_last ? 0 : rules.batch_size - 1;
  return (samples + rounding) / rules.batch_size;
}

}  // namespace

Planner::Planner(Dataset dataset, Sampler sampler, Collate collate, PlanRules rules,
                 BatchSampler batch_sampler, std::vector<DatasetSwitch> switches)
    : dataset_(std::move(dataset)),
      switches_(std::move(switches)),
      sampler_(std::move(sampler)),
      batch_sampler_(std::move(batch_sampler)),
      collate_(std::move(collate)),
      rules_(rules) {
  history_ = [this](std::int64_t position, std::uint32_t step, Arena& arena) {
    return plan_earlier(position, step, arena);
  };
  require_order(0);
  restart_worker_streams();
}

void Planner::restart_worker_streams() {
  streams_.clear();
  if (!rules_.replay) return;
  const int count = std::max(1, rules_.num_workers);
  for (int worker = 0; worker < count; ++worker) {
    const std::int64_t offset = std::int64_t{rules_.num_workers} * rules_.rank + worker;
    streams_.emplace_back(rules_.seed + static_cast<std::uint64_t>(offset));
  }
}

WorkerStream& Planner::worker_stream() {
  return streams_[static_cast<std::size_t>(position_.batch) % streams_.size()];
}

// A failure leaves no order: the next call loads it again.
void Planner::require_order(std::int64_t epoch) {
  if (dataset_.size == 0 || loaded_epoch_ == epoch) return;
  loaded_epoch_ = -1;
  load_order(epoch);
  loaded_epoch_ = epoch;
}

void Planner::load_order(std::int64_t epoch) {
  order_ = sampler_.order(epoch);
  if (!batch_sampler_.make_batches) {
    batches_per_epoch_ = own_batches(consecutive_batches(order_.size, rules_));
    largest_batch_ = most_samples();
    return;
  }
  if (sampler_.endless) {
    batches_per_epoch_ = own_batches(consecutive_batches(order_.size, rules_));
    largest_batch_ = rules_.batch_size;
    streaming_.emplace(order_, batch_sampler_);
    order_.at = [this](std::int64_t position) { return streaming_->at(position); };
    return;
  }
  batch_order_ = batch_sampler_.make_batches(order_);
  batches_per_epoch_ = own_batches(std::ssize(batch_order_.ends));
  largest_batch_ = most_samples();
  order_ = {std::ssize(batch_order_.indices), [this](std::int64_t position) {
              return batch_order_.indices[static_cast<std::size_t>(position)];
            }};
}

std::int64_t Planner::own_batches(std::int64_t of_order) const {
  return (of_order - rules_.first_batch + rules_.batch_step - 1) / rules_.batch_step;
}

// Workers that do not persist begin every epoch with the same numbers
// (docs/specs/openmmlab-data.md, 3.6), and a switch of the pipeline restarts all workers.
void Planner::begin_epoch() {
  require_order(position_.epoch);
  if (order_epoch_ == position_.epoch) return;
  order_epoch_ = position_.epoch;
  const bool switched =
      std::any_of(switches_.begin(), switches_.end(),
                  [this](const DatasetSwitch& entry) { return entry.epoch == position_.epoch; });
  if (rules_.num_workers > 0 && (switched || !rules_.persistent_workers)) {
    restart_worker_streams();
  }
}

const Dataset& Planner::current_dataset() const {
  const Dataset* current = &dataset_;
  for (const DatasetSwitch& entry : switches_) {
    if (entry.epoch <= position_.epoch) current = &entry.dataset;
  }
  return *current;
}

RandomKey Planner::random_key(std::int64_t position) const {
  return {.seed = rules_.seed,
          .epoch = static_cast<std::uint64_t>(position_.epoch),
          .position = static_cast<std::uint64_t>(position * rules_.world_size + rules_.rank)};
}

// Planning with `random` records bad samples and steps in the plan, in place of those of an attempt
// before.
void Planner::record_into(BatchPlan& plan, std::size_t sample, RandomContext& random) {
  plan.bad.place = sample;
  planned_ = &plan.bad;
  random.set_bad_samples(&plan.bad);
  if (!plan.steps.empty()) random.record_to(&plan.steps[sample]);
}

// An earlier sample as it was before a step. A bad one is replaced as at its own position, where it
// is also recorded.
std::optional<Sample> Planner::plan_earlier(std::int64_t position, std::uint32_t step,
                                            Arena& arena) {
  RandomContext random(random_key(position), arena);
  random.set_history(&history_, position);
  random.stop_before(step);
  BadSamples bad{.rule = rules_.on_bad_sample};
  if (planned_ != nullptr) bad.broken_files = planned_->broken_files;
  if (bad.rule != OnBadSample::raise) random.set_bad_samples(&bad);
  return fetch(current_dataset(), order_.at(position), random);
}

Sample Planner::plan_sample(std::int64_t position, std::size_t sample, BatchPlan& plan) {
  const std::int64_t index = order_.at(position);
  if (rules_.replay) {
    RandomContext random(worker_stream(), plan.arena);
    record_into(plan, sample, random);
    return fetch(current_dataset(), index, random);
  }
  RandomContext random(random_key(position), plan.arena);
  random.set_history(&history_, position);
  record_into(plan, sample, random);
  return fetch(current_dataset(), index, random);
}

// The first position of a batch and the position behind its last.
std::pair<std::int64_t, std::int64_t> Planner::batch_range(std::int64_t batch) {
  if (streaming_) return streaming_->batch_range(batch);
  if (batch_sampler_.make_batches) {
    const auto end = batch_order_.ends.begin() + batch;
    return {batch == 0 ? 0 : *std::prev(end), *end};
  }
  const std::int64_t first = batch * rules_.batch_size;
  const std::int64_t end = first + rules_.batch_size;
  return {first, sampler_.endless ? end : std::min(end, order_.size)};
}

// Of one batch of the epoch that is loaded.
std::int64_t Planner::most_samples() const {
  if (sampler_.endless) return rules_.batch_size;
  if (!batch_sampler_.make_batches) return std::min(rules_.batch_size, order_.size);
  std::int64_t largest = 0;
  std::int64_t first = 0;
  for (const std::int64_t end : batch_order_.ends) {
    largest = std::max(largest, end - std::exchange(first, end));
  }
  return largest;
}

void Planner::plan_samples(BatchPlan& plan) {
  const std::int64_t batch = position_.batch * rules_.batch_step + rules_.first_batch;
  const auto [first, end] = batch_range(batch);
  const auto count = static_cast<std::size_t>(end - first);
  plan.samples.emplace(&plan.arena);
  plan.samples->reserve(count);
  plan.bad.rule = rules_.on_bad_sample;
  if (rules_.keep_steps) plan.steps.assign(count, StepRecords(plan.arena));
  for (std::int64_t position = first; position < end; ++position) {
    plan.samples->push_back(plan_sample(position, plan.samples->size(), plan));
  }
}

Bound Planner::bound() const {
  Bound images = dataset_.bound;
  for (const DatasetSwitch& entry : switches_) images = either(images, entry.dataset.bound);
  return images && collate_.padded ? collate_.padded(*images) : images;
}

void Planner::lay_out(BatchPlan& plan) const {
  assert(std::all_of(plan.samples->begin(), plan.samples->end(), [this](const Sample& sample) {
    return within(current_dataset().bound, sample.image.size());
  }));
  std::pmr::vector<TreeNode> items(&plan.arena);
  for (const Sample& sample : *plan.samples) items.push_back(copied(sample.packed, plan.arena));
  try {
    plan.layout.emplace(collate_.layout(items, plan.arena));
  } catch (...) {
    throw current_error(collate_.name);
  }
  plan.collect_encoded();
}

void Planner::next(BatchPlan& plan) {
  plan.clear();
  plan.position = position_;
  try {
    begin_epoch();
    if (!sampler_.endless && position_.batch >= batches_per_epoch_) {
      plan.end_of_epoch = true;
      position_ = {position_.epoch + 1, 0};
      return;
    }
    plan_samples(plan);
    lay_out(plan);
  } catch (...) {
    plan.keep_error("planning");
  }
  ++position_.batch;
}

void Planner::seek(const LoaderState& position) {
  if (!rules_.replay) {
    position_ = position;
    return;
  }
  const bool restarts = rules_.num_workers > 0 && !rules_.persistent_workers;
  position_ = {restarts ? position.epoch : 0, 0};
  order_epoch_ = -1;
  restart_worker_streams();
  BatchPlan dropped;
  while (!(position_ == position) && position_.epoch <= position.epoch) {
    begin_epoch();
    if (!sampler_.endless && position_.batch >= batches_per_epoch_) {
      position_ = {position_.epoch + 1, 0};
      continue;
    }
    dropped.clear();
    try {
      plan_samples(dropped);
    } catch (const Error&) {
      dropped.clear();  // nobody asked for this batch; its random numbers are consumed
    }
    ++position_.batch;
  }
}

}  // namespace pinfeed
