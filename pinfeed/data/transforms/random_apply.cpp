// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmcv/transforms/wrappers.py, RandomApply.
#include "pinfeed/data/transforms/random_apply.h"

#include <memory>

#include "pinfeed/data/transforms/nested_steps.h"

namespace pinfeed {

void describe(Schema<RandomApply>& schema) {
  schema.summary("Runs a pipeline with a probability.")
      .required("transforms", &RandomApply::transforms, "a step, or a list of steps")
      .optional("prob", &RandomApply::prob, "probability that it runs", between(0, 1));
}

Transform make(const RandomApply& params, const BuildContext& context) {
  std::vector<Transform> steps;
  if (!params.transforms.value.is_none()) {
    steps = make_steps(steps_of(params.transforms.value, params.transforms.path), context);
  }
  FieldUse use = use_of(steps);
  use.creates = {};  // it may not run
  const auto pipeline = std::make_shared<const Pipeline>(nested_pipeline(std::move(steps)));
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
