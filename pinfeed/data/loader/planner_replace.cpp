// SPDX-License-Identifier: Apache-2.0
// How the planner replaces a sample whose image could not be read or rendered.
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/planner.h"

namespace pinfeed {
namespace {

const std::uint32_t replacement_step = hash32("/replacement");
constexpr std::uint32_t max_replacements = 100;  // of one sample

}  // namespace

// Each replacement of a sample has its own range of attempts.
Sample Planner::plan_replacement(std::int64_t position, std::size_t sample, BatchPlan& plan) {
  constexpr std::uint64_t attempts = 1024;
  const std::uint32_t number = plan.replacements[sample];
  RandomKey key = random_key(position);
  key.attempt = attempts * number;
  RandomContext random(key, plan.arena);
  random.set_history(&history_, position);
  record_into(plan, sample, random);
  const Dataset& dataset = current_dataset();
  if (rules_.on_bad_sample == OnBadSample::skip) {
    return fetch(dataset, (order_.at(position) + number) % dataset.size, random);
  }
  random.enter(replacement_step);
  const std::int64_t index = random.numpy.randint(0, dataset.size);
  random.next_attempt();
  return fetch(dataset, index, random);
}

// In keyed mode the sample is planned again with the broken file known: only the record of that
// file is replaced, be it this sample's own or one that a mixing step uses. Under replay, and where
// this changes nothing, the sample gets other random numbers.
void Planner::replan(BatchPlan& plan, std::size_t sample, bool file_is_known) {
  require_order(position_.epoch);
  const std::int64_t first = batch_range(position_.batch).first;
  const std::int64_t position = first + static_cast<std::int64_t>(sample);
  if (file_is_known) {
    std::erase_if(plan.bad.found, [&](const BadSample& one) { return one.place == sample; });
    (*plan.samples)[sample] = plan_sample(position, sample, plan);
  } else {
    (*plan.samples)[sample] = plan_replacement(position, sample, plan);
  }
  lay_out(plan);
}

bool Planner::replace(BatchPlan& plan, std::size_t sample, const std::exception_ptr& reason) {
  plan.replacements.resize(plan.samples->size());
  if (++plan.replacements[sample] > max_replacements) return false;
  bool file_is_known = false;
  try {
    std::rethrow_exception(reason);
  } catch (Error& error) {
    if (!plan.bad.accepts(error)) return false;
    file_is_known = !rules_.replay && plan.add_broken_file(error, sample);
    if (!file_is_known) plan.bad.takes(error, (*plan.samples)[sample].index);
  } catch (...) {
    return false;
  }
  const LoaderState next_position = std::exchange(position_, plan.position);
  plan.error = nullptr;
  try {
    replan(plan, sample, file_is_known);
  } catch (...) {
    plan.keep_error("planning");
  }
  position_ = next_position;
  return true;
}

}  // namespace pinfeed
