// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transform.h"

#include <map>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

void require(const Transform& step, Fields present) {
  const Fields missing = step.use.needs.without(present);
  if (missing.empty()) return;
  throw Error(ErrorKind::config,
              step.name + " reads " + names_of(missing) + ", which no step before it writes")
      .at(step.place)
      .inside(step.config_path);
}

}  // namespace

Pipeline make_pipeline(std::vector<Transform> steps, Fields given, std::uint32_t owner) {
  std::map<std::string, int> occurrences;
  for (Transform& step : steps) {
    require(step, given);
    given = given | step.use.creates;
    const std::string key = "/" + step.name + "#" + std::to_string(occurrences[step.name]++);
    step.step = owner == 0 ? hash32(key) : hash32(key, owner);
  }
  return steps;
}

bool run(const Pipeline& pipeline, Sample& sample, Draw& draw) {
  for (const Transform& step : pipeline) {
    draw.enter(step.step);
    try {
      if (!step.apply(sample, draw)) return false;
    } catch (Error& error) {
      throw error.along(step.name + " worked on " + std::string(sample.img_path));
    }
    sample.fields = sample.fields | step.use.creates;
  }
  return true;
}

}  // namespace pinfeed
