// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1.
#include "pinfeed/data/dataset.h"

#include <memory>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {

const std::vector<std::string>& label_names(const Metainfo& metainfo) {
  return metainfo.category_names.empty() ? metainfo.classes : metainfo.category_names;
}
namespace {

const std::uint32_t refetch_step = hash32("/refetch");

Error no_valid_image(const Dataset& dataset, int attempts, bool dropped) {
  const std::string tries = dataset.name + ": every one of " + std::to_string(attempts);
  if (!dropped) {
    return Error(ErrorKind::data, tries + " samples was bad")
        .help(
            "check data_root and data_prefix: pinfeed = dict(on_bad_sample='raise') shows the "
            "error");
  }
  return Error(ErrorKind::data, tries + " samples was dropped")
      .help("check the filters of the pipeline: RandomCrop and FilterAnnotations drop samples");
}

Error bad_record(const std::string& dataset, const Sample& sample) {
  Error error = *sample.bad;
  return error.with_context(StepContext{dataset, std::string(sample.img_path)});
}

}  // namespace

Sample fetch(const Dataset& dataset, std::int64_t index, RandomContext& random) {
  BadSamples* bad = random.bad_samples();
  bool dropped = false;
  for (int attempt = 0; attempt <= dataset.max_refetch; ++attempt) {
    bool usable = true;
    try {
      std::optional<Sample> sample = dataset.plan(index, random);
      if (sample) return std::move(*sample);
    } catch (Error& error) {
      if (!dataset.names_samples) error.with_context(SampleContext{index});
      if (bad == nullptr || !bad->takes(error, index)) throw;
      usable = false;
    } catch (...) {
      throw current_error(dataset.name).with_context(SampleContext{index});
    }
    if (!usable && bad->rule == OnBadSample::skip) {
      index = (index + 1) % dataset.size;
      random.next_attempt();
      continue;
    }
    dropped = dropped || usable;
    if (usable && dataset.test_mode) {
      throw Error(ErrorKind::data, dataset.name + ": the pipeline dropped a sample in test mode")
          .with_context(SampleContext{index});
    }
    random.enter(refetch_step);
    index = random.numpy.randint(0, dataset.size);
    random.next_attempt();
  }
  if (bad != nullptr) bad->gave_up = true;
  throw no_valid_image(dataset, dataset.max_refetch + 1, dropped);
}

void set_pipeline(Dataset& dataset, std::vector<Transform> steps, Fields gives) {
  dataset.gives = gives;
  for (const Transform& step : steps) dataset.gives = dataset.gives | step.use.creates;
  dataset.bound = bound_behind(steps, {});
  dataset.earlier_samples = use_of(steps).earlier_samples;
  const auto pipeline = std::make_shared<const Pipeline>(make_pipeline(std::move(steps), gives));
  const auto get = dataset.get;
  Dataset bare = dataset;
  bare.with_steps = nullptr;
  dataset.with_steps = [bare = std::move(bare), gives](std::vector<Transform> others) {
    Dataset other = bare;
    set_pipeline(other, std::move(others), gives);
    return other;
  };
  const std::string name = dataset.name;
  dataset.plan = [pipeline, get, name](std::int64_t index,
                                       RandomContext& random) -> std::optional<Sample> {
    Sample sample = get(index, random.arena());
    if (sample.bad != nullptr) throw bad_record(name, sample);
    const BadSamples* bad = random.bad_samples();
    const Error* broken = bad == nullptr ? nullptr : bad->error_of(sample.img_path);
    if (broken != nullptr) throw Error(*broken);
    if (!run(*pipeline, sample, random)) return std::nullopt;
    return sample;
  };
}

std::int64_t record_count(const Dataset& dataset) {
  return dataset.distinct_records > 0 ? dataset.distinct_records : dataset.size;
}

Dataset wrapping(const Dataset& inner, std::string name) {
  Dataset dataset = inner;
  dataset.name = std::move(name);
  dataset.names_samples = true;
  dataset.with_steps = nullptr;
  dataset.without_types = nullptr;
  return dataset;
}

std::string join_path(const std::string& root, const std::string& path) {
  const bool absolute = path.starts_with('/') || path.starts_with("http://") ||
                        path.starts_with("https://") || path.starts_with("s3://");
  if (absolute || root.empty()) return path;
  return root.ends_with('/') ? root + path : root + "/" + path;
}

}  // namespace pinfeed
