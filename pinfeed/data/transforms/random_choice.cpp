// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmcv/transforms/wrappers.py.
#include <cmath>
#include <memory>
#include <numeric>

#include "pinfeed/data/transforms/random_apply.h"
#include "pinfeed/data/transforms/random_choice.h"

namespace pinfeed {
namespace {

// A step by itself is a pipeline of one.
ConfigSteps steps_of(const Value& value, const std::string& path) {
  if (value.is_sequence()) return {value, path};
  return {List{{value}}, path};
}

// Where the steps stand is checked by who holds them: these may use whatever is there.
Pipeline made_pipeline(std::vector<Transform> steps) {
  const Fields all = use_of(steps).needs;
  return make_pipeline(std::move(steps), all);
}

// What happens whichever branch is taken.
FieldUse common_use(const std::vector<std::vector<Transform>>& branches) {
  FieldUse common = use_of(branches.front());
  for (const std::vector<Transform>& branch : branches) {
    const FieldUse use = use_of(branch);
    common.needs |= use.needs;
    common.updates |= use.updates;
    common.creates = common.creates & use.creates;
  }
  return common;
}

void check(const RandomChoice& params) {
  const std::size_t branches = params.transforms.value.items().size();
  if (branches == 0) {
    throw Error(ErrorKind::config, "transforms is []; it must hold at least one pipeline");
  }
  if (!params.prob) return;
  if (params.prob->size() != branches) {
    throw Error(ErrorKind::config, "prob has " + std::to_string(params.prob->size()) +
                                       " numbers for " + std::to_string(branches) + " pipelines");
  }
  const double sum = std::accumulate(params.prob->begin(), params.prob->end(), 0.0);
  if (sum != 1.0) {
    throw Error(ErrorKind::config,
                "the numbers of prob must add up to 1, not " + std::to_string(sum));
  }
}

}  // namespace

void describe(Schema<RandomChoice>& schema) {
  schema.summary("Runs one of several pipelines.")
      .required("transforms", &RandomChoice::transforms,
                "a list of pipelines; each a list of steps, or one step")
      .optional("prob", &RandomChoice::prob, "how likely each pipeline is; None: all the same")
      .check(check);
}

Transform make(const RandomChoice& params, const BuildContext& context) {
  std::vector<std::vector<Transform>> branches;
  for (const Value& branch : params.transforms.value.items()) {
    const std::string path = params.transforms.path + "[" + std::to_string(branches.size()) + "]";
    branches.push_back(make_steps(steps_of(branch, path), context));
  }
  FieldUse use;
  if (!branches.empty()) use = common_use(branches);
  auto pipelines = std::make_shared<std::vector<Pipeline>>();
  for (std::vector<Transform>& branch : branches) {
    pipelines->push_back(made_pipeline(std::move(branch)));
  }
  const std::vector<double> shares = params.prob.value_or(std::vector<double>());
  const auto choose = [pipelines, shares](Sample& sample, RandomContext& random) {
    const std::uint32_t owner = random.step();
    const auto chosen =
        shares.empty() ? static_cast<std::size_t>(random.numpy.randint(0, std::ssize(*pipelines)))
                       : random.numpy.choice(shares);
    return run((*pipelines)[chosen], sample, random,
               combine_hashes(owner, static_cast<std::uint32_t>(chosen)));
  };
  const auto bound = [pipelines](const Bound& images) {
    Bound most = ImageBound{};
    for (const Pipeline& steps : *pipelines) most = either(most, bound_behind(steps, images));
    return most;
  };
  return {.name = RandomChoice::name, .use = use, .apply = choose, .bound = bound};
}

void describe(Schema<RandomApply>& schema) {
  schema.summary("Runs a pipeline with a probability.")
      .required("transforms", &RandomApply::transforms, "a step, or a list of steps")
      .optional("prob", &RandomApply::prob, "how likely it runs", between(0, 1));
}

Transform make(const RandomApply& params, const BuildContext& context) {
  std::vector<Transform> steps;
  if (!params.transforms.value.is_none()) {
    steps = make_steps(steps_of(params.transforms.value, params.transforms.path), context);
  }
  FieldUse use = use_of(steps);
  use.creates = {};  // it may not run
  const auto pipeline = std::make_shared<const Pipeline>(made_pipeline(std::move(steps)));
  const auto maybe = [pipeline, prob = params.prob](Sample& sample, RandomContext& random) {
    const std::uint32_t owner = random.step();
    return random.numpy.random_sample() >= prob || run(*pipeline, sample, random, owner);
  };
  const auto bound = [pipeline](const Bound& images) {
    return either(images, bound_behind(*pipeline, images));
  };
  return {.name = RandomApply::name, .use = use, .apply = maybe, .bound = bound};
}

}  // namespace pinfeed
