// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5; mmdet/datasets/dataset_wrappers.py.
#include <algorithm>
#include <memory>

#include "pinfeed/data/datasets/multi_image_mix_dataset.h"

namespace pinfeed {
namespace {

InnerSamples inner_samples_of(const std::shared_ptr<const Dataset>& inner) {
  const auto plan = [inner](std::int64_t index, RandomContext& random) {
    if (!random.keyed()) return fetch(*inner, index, random);
    RandomContext partner_random(random, random.next_inner());
    return fetch(*inner, index, partner_random);
  };
  return {inner->size, plan};
}

// A step that drops the sample is repeated on the unchanged sample, as upstream does.
void run_mixing_step(const Transform& step, int attempts, Sample& sample, RandomContext& random) {
  const Sample before = copied(sample, *sample.arena);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (run(step, step.step, sample, random)) return;
    sample = copied(before, *sample.arena);
  }
  throw Error(ErrorKind::data,
              step.name + " dropped the sample " + std::to_string(attempts) + " times in a row")
      .with_context(StepContext{step.name, std::string(sample.img_path)});
}

void run_mixing_steps(const Pipeline& pipeline, int attempts, Sample& sample,
                      RandomContext& random) {
  for (const Transform& step : pipeline) {
    if (random.stops_at(step.step)) return;
    run_mixing_step(step, attempts, sample, random);
  }
}

// The steps whose type is none of these.
std::vector<Transform> steps_without(std::vector<Transform> steps,
                                     const std::vector<std::string>& types) {
  std::erase_if(steps, [&](const Transform& step) {
    return std::find(types.begin(), types.end(), step.name) != types.end();
  });
  return steps;
}

Dataset mixed_with(const std::shared_ptr<const Dataset>& inner, std::vector<Transform> steps,
                   int max_refetch) {
  Dataset mixed = wrapping(*inner, MultiImageMixDataset::name);
  for (const Transform& step : steps) mixed.gives |= step.use.creates;
  mixed.bound = bound_behind(steps, inner->bound);
  mixed.earlier_samples |= use_of(steps).earlier_samples;
  const auto pipeline = std::make_shared<const Pipeline>(
      make_pipeline(std::move(steps), inner->gives, hash32("/MultiImageMixDataset")));
  const auto samples = std::make_shared<const InnerSamples>(inner_samples_of(inner));
  mixed.plan = [inner, pipeline, samples, attempts = max_refetch](
                   std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    Sample sample = fetch(*inner, index, random);
    const InnerSamples* outer = random.inner_samples();
    random.set_inner_samples(samples.get());
    try {
      run_mixing_steps(*pipeline, attempts, sample, random);
    } catch (Error& error) {
      random.set_inner_samples(outer);
      throw error.with_context(SampleContext{index});
    }
    random.set_inner_samples(outer);
    return sample;
  };
  return mixed;
}

}  // namespace

void describe(Schema<MultiImageMixDataset>& schema) {
  schema.summary("Gives the steps of its pipeline other samples to mix in, for Mosaic and MixUp.")
      .required("dataset", &MultiImageMixDataset::dataset, "the data set of all samples")
      .required("pipeline", &MultiImageMixDataset::pipeline,
                "steps that run after those of the inner data set")
      .optional("skip_type_keys", &MultiImageMixDataset::skip_type_keys,
                "types of steps to leave out")
      .optional("max_refetch", &MultiImageMixDataset::max_refetch,
                "attempts of a step that drops the sample", between(1, 1'000'000))
      .accepted("lazy_init", "the data set is always made at once");
}

Dataset make(const MultiImageMixDataset& params, const BuildContext& context) {
  const auto inner = std::make_shared<const Dataset>(
      context.catalogs->datasets.make(params.dataset.value, params.dataset.path, context));
  const std::vector<Transform> steps = make_steps(params.pipeline, context);
  const int attempts = params.max_refetch;
  Dataset mixed = mixed_with(
      inner, steps_without(steps, params.skip_type_keys.value_or(std::vector<std::string>())),
      attempts);
  mixed.without_types = [inner, steps, attempts](const std::vector<std::string>& types) {
    return mixed_with(inner, steps_without(steps, types), attempts);
  };
  return mixed;
}

}  // namespace pinfeed
