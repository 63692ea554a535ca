// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transform.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/step_records.h"

namespace pinfeed {
namespace {

void require_fields(const Transform& step, Fields present) {
  const Fields missing = step.use.needs.without(present);
  if (missing.empty()) return;
  throw Error(ErrorKind::config,
              step.name + " reads " + names_of(missing) + ", which no step before it writes")
      .at(step.span)
      .inside(step.config_path);
}

// A step that does not work on packed inputs has no effect behind the step that packs.
void require_unpacked(const Transform& step, const std::string& packer) {
  const FieldUse& use = step.use;
  const Fields wanted = use.needs | use.updates;
  if (packer.empty() || wanted.empty() || wanted.has(Field::packed)) return;
  const bool reads = !use.needs.empty();
  throw Error(ErrorKind::config, step.name + (reads ? " reads " : " changes ") +
                                     names_of(reads ? use.needs : use.updates) + ", which " +
                                     packer + " has packed")
      .at(step.span)
      .inside(step.config_path)
      .help("move " + step.name + " before " + packer);
}

// Later steps use the i-th entry of each list for the i-th object.
void require_equal_counts(std::string_view step, const Sample& sample) {
  std::optional<std::pair<std::string_view, std::size_t>> first;
  const auto check = [&](Field field, std::string_view name, std::size_t count) {
    if (!sample.fields.has(field)) return;
    if (!first) first = {name, count};
    if (first->second == count) return;
    throw Error(ErrorKind::data, fmt::format("{} leaves {} {} and {} {}; they must be as many",
                                             step, first->second, first->first, count, name))
        .help("load all annotations of a sample in one step, before any step that removes objects");
  };
  check(Field::boxes, "boxes", sample.boxes.size());
  check(Field::labels, "labels", sample.labels.size());
  check(Field::ignore_flags, "ignore flags", sample.ignore_flags.size());
  check(Field::masks, "masks", sample.masks.count());
}

// Suspends recording while a step runs: the steps inside it are not recorded separately.
class RecordingPause {
 public:
  explicit RecordingPause(RandomContext& random) : random_(random), records_(random.records()) {
    random.record_to(nullptr);
  }
  RecordingPause(const RecordingPause&) = delete;
  RecordingPause& operator=(const RecordingPause&) = delete;
  ~RecordingPause() { random_.record_to(records_); }
  StepRecords* records() const { return records_; }

 private:
  RandomContext& random_;
  StepRecords* records_;
};

}  // namespace

Pipeline make_pipeline(std::vector<Transform> steps, Fields given, std::uint32_t owner) {
  std::map<std::string, int> occurrences;
  std::string packer = given.has(Field::packed) ? "the inner pipeline" : "";
  for (Transform& step : steps) {
    require_unpacked(step, packer);
    require_fields(step, given);
    if (step.use.creates.has(Field::packed)) packer = step.name;
    given = given | step.use.creates;
    const std::string key = "/" + step.name + "#" + std::to_string(occurrences[step.name]++);
    step.step = owner == 0 ? hash32(key) : hash32(key, owner);
  }
  return steps;
}

bool run(const Transform& step, std::uint32_t key, Sample& sample, RandomContext& random) {
  const RecordingPause pause(random);
  random.enter(key);
  try {
    if (!step.apply(sample, random)) return false;
    sample.fields |= step.use.creates;
    require_equal_counts(step.name, sample);
  } catch (...) {
    throw current_error(step.name).with_context(
        StepContext{step.name, std::string(sample.img_path)});
  }
  if (pause.records() != nullptr) pause.records()->add(step, sample);
  return true;
}

bool run(const Pipeline& pipeline, Sample& sample, RandomContext& random, std::uint32_t owner) {
  for (const Transform& step : pipeline) {
    const std::uint32_t key = owner == 0 ? step.step : combine_hashes(owner, step.step);
    if (random.stops_at(key)) return true;
    if (!run(step, key, sample, random)) return false;
  }
  return true;
}

FieldUse use_of(const std::vector<Transform>& steps) {
  FieldUse use;
  for (const Transform& step : steps) {
    use.needs |= step.use.needs.without(use.creates);
    use.updates |= step.use.updates;
    use.creates |= step.use.creates;
    use.earlier_samples |= step.use.earlier_samples;
  }
  return use;
}

Bound bound_behind(const std::vector<Transform>& steps, Bound images) {
  for (const Transform& step : steps) {
    const bool changes = (step.use.updates | step.use.creates).has(Field::image);
    if (step.bound) {
      images = step.bound(images);
    } else if (changes) {
      images.reset();
    }
    // Too large to allocate in advance.
    if (images && images->pixels > image::max_step_pixels) images.reset();
  }
  return images;
}

}  // namespace pinfeed
