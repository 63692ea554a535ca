// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/hooks/make_hooks.h"

#include <variant>

namespace pinfeed {

std::vector<std::shared_ptr<Hook>> make_hooks(const Hooks& hooks) {
  std::vector<std::shared_ptr<Hook>> made;
  for (const HookSetting& setting : hooks.list)
    made.push_back(
        std::visit([](const auto& params) { return make_hook(params); }, setting.params));
  if (hooks.find<CheckInvalidLossHook>() == nullptr) made.push_back(make_loss_warning());
  made.push_back(make_validation());
  return made;
}

}  // namespace pinfeed
