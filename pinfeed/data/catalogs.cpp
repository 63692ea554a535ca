// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/catalogs.h"

namespace pinfeed {

std::vector<Transform> make_steps(const ConfigSteps& steps, const BuildContext& context) {
  std::vector<Transform> made;
  for (const Value& step : steps.value.items()) {
    const std::string path = steps.path + "[" + std::to_string(made.size()) + "]";
    made.push_back(context.catalogs->transforms.make(step, path, context));
    made.back().config_path = path;
    made.back().span = step.span();
  }
  return made;
}

}  // namespace pinfeed
