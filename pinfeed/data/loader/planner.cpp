// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5, 3.6; docs/specs/decisions.md, 5.
#include "pinfeed/data/loader/planner.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

const std::uint32_t replacement_step = hash32("/replacement");
constexpr std::uint32_t most_replacements = 100;  // of one sample

std::int64_t batches_in(std::int64_t samples, const PlanRules& rules) {
  const std::int64_t rounding = rules.drop_last ? 0 : rules.batch_size - 1;
  return (samples + rounding) / rules.batch_size;
}

// Each stored image once: an image may be used in several places of a batch.
void collect_encoded(BatchPlan& plan) {
  plan.encoded.clear();
  for (const ImageSlot& image_slot : plan.layout->images()) {
    image::for_each_encoded(image_slot.image,
                            [&plan](image::Encoded* stored) { plan.encoded.push_back(stored); });
  }
  std::sort(plan.encoded.begin(), plan.encoded.end());
  const auto last = std::unique(plan.encoded.begin(), plan.encoded.end());
  plan.encoded.erase(last, plan.encoded.end());
}

// What a sample's planning tells the plan.
void watch(RandomContext& random, BatchPlan& plan, std::size_t sample) {
  random.set_bad_samples(&plan.bad);
  if (!plan.steps.empty()) random.record_to(&plan.steps[sample]);
}

}  // namespace

void BatchPlan::clear() {
  end_of_epoch = false;
  error = nullptr;
  layout.reset();
  samples.reset();
  encoded.clear();
  bad.found.clear();
  bad.odd_masks.clear();
  bad.gave_up = false;
  replaced.clear();
  steps.clear();
  arena.reset();
}

Planner::Planner(Dataset dataset, Sampler sampler, Collate collate, PlanRules rules,
                 BatchSampler batch_sampler, std::vector<DatasetSwitch> switches)
    : dataset_(std::move(dataset)),
      switches_(std::move(switches)),
      sampler_(std::move(sampler)),
      batch_sampler_(std::move(batch_sampler)),
      collate_(std::move(collate)),
      rules_(rules) {
  history_ = [this](std::int64_t at, std::uint32_t step, Arena& arena) {
    return plan_earlier(at, step, arena);
  };
  if (dataset_.size > 0) take_order(0);
  restart_streams();
}

void Planner::restart_streams() {
  streams_.clear();
  if (!rules_.replay) return;
  const int count = std::max(1, rules_.num_workers);
  for (int worker = 0; worker < count; ++worker) {
    const std::int64_t offset = std::int64_t{rules_.num_workers} * rules_.rank + worker;
    streams_.emplace_back(rules_.seed + static_cast<std::uint64_t>(offset));
  }
}

WorkerStream& Planner::stream() {
  return streams_[static_cast<std::size_t>(position_.batch) % streams_.size()];
}

void Planner::take_order(std::int64_t epoch) {
  order_ = sampler_.order(epoch);
  if (!batch_sampler_.make_batches) {
    batches_ = batches_in(order_.size, rules_);
    return;
  }
  if (sampler_.endless) {
    batches_ = batches_in(order_.size, rules_);
    streaming_batcher_.emplace(order_, batch_sampler_);
    order_.at = [this](std::int64_t k) { return streaming_batcher_->at(k); };
    return;
  }
  cut_ = batch_sampler_.make_batches(order_);
  batches_ = std::ssize(cut_.ends);
  order_ = {std::ssize(cut_.indices),
            [this](std::int64_t k) { return cut_.indices[static_cast<std::size_t>(k)]; }};
}

// Workers that do not persist begin every epoch with the same numbers
// (docs/specs/openmmlab-data.md, 3.6), and a switch of the pipeline makes all of them begin anew.
void Planner::enter_epoch() {
  if (order_epoch_ == position_.epoch) return;
  if (dataset_.size > 0) take_order(position_.epoch);
  order_epoch_ = position_.epoch;
  const bool switched =
      std::any_of(switches_.begin(), switches_.end(),
                  [this](const DatasetSwitch& one) { return one.epoch == position_.epoch; });
  if (rules_.num_workers > 0 && (switched || !rules_.persistent_workers)) restart_streams();
}

const Dataset& Planner::dataset_now() const {
  const Dataset* now = &dataset_;
  for (const DatasetSwitch& one : switches_) {
    if (one.epoch <= position_.epoch) now = &one.dataset;
  }
  return *now;
}

RandomKey Planner::key_of(std::int64_t at) const {
  return {.seed = rules_.seed,
          .epoch = static_cast<std::uint64_t>(position_.epoch),
          .position = static_cast<std::uint64_t>(at * rules_.world_size + rules_.rank)};
}

// An earlier sample as it was before a step.
std::optional<Sample> Planner::plan_earlier(std::int64_t at, std::uint32_t step, Arena& arena) {
  RandomContext random(key_of(at), arena);
  random.set_history(&history_, at);
  random.stop_before(step);
  return fetch(dataset_now(), order_.at(at), random);
}

Sample Planner::plan_sample(std::int64_t at, BatchPlan& plan) {
  const std::int64_t index = order_.at(at);
  if (rules_.replay) {
    RandomContext random(stream(), plan.arena);
    watch(random, plan, plan.samples->size());
    return fetch(dataset_now(), index, random);
  }
  RandomContext random(key_of(at), plan.arena);
  random.set_history(&history_, at);
  watch(random, plan, plan.samples->size());
  return fetch(dataset_now(), index, random);
}

// The attempts of one replacement lie apart from those of the next.
Sample Planner::plan_replacement(std::int64_t at, std::size_t sample, BatchPlan& plan) {
  const std::uint32_t number = plan.replaced[sample];
  constexpr std::uint64_t attempts = 1024;
  RandomKey key = key_of(at);
  key.attempt = attempts * number;
  RandomContext random(key, plan.arena);
  random.set_history(&history_, at);
  watch(random, plan, sample);
  const Dataset& dataset = dataset_now();
  if (rules_.on_bad_sample == OnBadSample::skip) {
    return fetch(dataset, (order_.at(at) + number) % dataset.size, random);
  }
  random.enter(replacement_step);
  const std::int64_t index = random.numpy.randint(0, dataset.size);
  random.next_attempt();
  return fetch(dataset, index, random);
}

std::pair<std::int64_t, std::int64_t> Planner::places_of(std::int64_t batch) {
  if (streaming_batcher_) return streaming_batcher_->places_of(batch);
  if (batch_sampler_.make_batches) {
    const auto end = cut_.ends.begin() + batch;
    return {batch == 0 ? 0 : *std::prev(end), *end};
  }
  const std::int64_t first = batch * rules_.batch_size;
  const std::int64_t end = first + rules_.batch_size;
  return {first, sampler_.endless ? end : std::min(end, order_.size)};
}

void Planner::plan_samples(BatchPlan& plan, bool only_draw) {
  const auto [first, end] = places_of(position_.batch);
  plan.samples.emplace(&plan.arena);
  plan.samples->reserve(static_cast<std::size_t>(end - first));
  plan.bad.rule = rules_.on_bad_sample;
  if (rules_.keep_steps)
    plan.steps.assign(static_cast<std::size_t>(end - first), StepRecords(plan.arena));
  for (std::int64_t at = first; at < end; ++at) {
    plan.samples->push_back(plan_sample(at, plan));
  }
  if (!only_draw) lay_out(plan);
}

Bound Planner::bound() const {
  Bound images = dataset_.bound;
  for (const DatasetSwitch& one : switches_) images = either(images, one.dataset.bound);
  return images && collate_.padded ? collate_.padded(*images) : images;
}

void Planner::lay_out(BatchPlan& plan) const {
  assert(std::all_of(plan.samples->begin(), plan.samples->end(), [this](const Sample& sample) {
    return within(dataset_now().bound, sample.image.size());
  }));
  std::pmr::vector<TreeNode> items(&plan.arena);
  for (const Sample& sample : *plan.samples) items.push_back(copied(sample.packed, plan.arena));
  try {
    plan.layout.emplace(collate_.layout(items, plan.arena));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw unexpected_error(collate_.name, error);
  }
  collect_encoded(plan);
}

bool Planner::replace(BatchPlan& plan, std::size_t sample, const std::exception_ptr& reason) {
  plan.replaced.resize(plan.samples->size());
  if (++plan.replaced[sample] > most_replacements) return false;
  try {
    std::rethrow_exception(reason);
  } catch (Error& error) {
    if (!plan.bad.takes(error, (*plan.samples)[sample].index)) return false;
  } catch (...) {
    return false;
  }
  const LoaderState here = std::exchange(position_, plan.position);
  const bool other_epoch = order_epoch_ != plan.position.epoch;
  if (other_epoch) take_order(plan.position.epoch);
  plan.error = nullptr;
  try {
    const std::int64_t at = places_of(position_.batch).first + static_cast<std::int64_t>(sample);
    (*plan.samples)[sample] = plan_replacement(at, sample, plan);
    lay_out(plan);
  } catch (Error& error) {
    plan.error = std::make_exception_ptr(
        error.with_context(BatchContext{plan.position.batch, plan.position.epoch}));
  } catch (...) {
    plan.error = std::current_exception();
  }
  position_ = here;
  if (other_epoch && order_epoch_ >= 0) take_order(order_epoch_);
  return true;
}

void Planner::next(BatchPlan& plan) {
  plan.clear();
  plan.position = position_;
  try {
    enter_epoch();
    if (!sampler_.endless && position_.batch >= batches_) {
      plan.end_of_epoch = true;
      position_ = {position_.epoch + 1, 0};
      return;
    }
    plan_samples(plan, false);
  } catch (Error& error) {
    plan.error =
        std::make_exception_ptr(error.with_context(BatchContext{position_.batch, position_.epoch}));
  } catch (...) {
    plan.error = std::current_exception();
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
  restart_streams();
  BatchPlan dropped;
  while (!(position_ == position) && position_.epoch <= position.epoch) {
    enter_epoch();
    if (!sampler_.endless && position_.batch >= batches_) {
      position_ = {position_.epoch + 1, 0};
      continue;
    }
    dropped.clear();
    try {
      plan_samples(dropped, true);
    } catch (const Error&) {
      dropped.clear();  // this batch was not asked for; its draws are made
    }
    ++position_.batch;
  }
}

}  // namespace pinfeed
