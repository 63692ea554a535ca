// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmcv/transforms/wrappers.py, RandomChoice.
#include "pinfeed/data/transforms/random_choice.h"

#include <memory>
#include <numeric>

#include "pinfeed/data/transforms/nested_steps.h"

namespace pinfeed {
namespace {

// The use of a step that runs one of the branches: only what all of them create is certain.
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

void check_branches(const RandomChoice& params) {
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
  schema.summary("Runs one of several pipelines, chosen at random.")
      .required("transforms", &RandomChoice::transforms,
                "a list of pipelines; each a list of steps, or one step")
      .optional("prob", &RandomChoice::prob, "probability of each pipeline; None: all equal")
      .check(check_branches);
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
    pipelines->push_back(nested_pipeline(std::move(branch)));
  }
  const std::vector<double> probabilities = params.prob.value_or(std::vector<double>());
  const auto choose = [pipelines, probabilities](Sample& sample, RandomContext& random) {
    const std::uint32_t owner = random.step();
    const auto chosen =
        probabilities.empty()
            ? static_cast<std::size_t>(random.numpy.randint(0, std::ssize(*pipelines)))
            : random.numpy.choice(probabilities);
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

}  // namespace pinfeed
