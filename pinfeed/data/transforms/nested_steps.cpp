// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transforms/nested_steps.h"

#include <utility>

namespace pinfeed {

ConfigSteps steps_of(const Value& value, const std::string& path) {
  if (value.is_sequence()) return {value, path};
  return {List{{value}}, path};
}

Pipeline nested_pipeline(std::vector<Transform> steps) {
  const Fields needed = use_of(steps).needs;
  return make_pipeline(std::move(steps), needed);
}

}  // namespace pinfeed
