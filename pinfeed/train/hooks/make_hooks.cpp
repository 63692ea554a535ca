// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/hooks/make_hooks.h"

#include <variant>

namespace pinfeed {

namespace {

std::shared_ptr<Hook> make_hook(const AddedHook& added) { return added.make(); }

}  // namespace

std::vector<std::shared_ptr<Hook>> make_hooks(const Hooks& hooks) {
  std::vector<std::shared_ptr<Hook>> made;
  std::shared_ptr<Hook> saving;
  for (const HookSetting& setting : hooks.list) {
    std::shared_ptr<Hook> hook =
        std::visit([](const auto& params) -> std::shared_ptr<Hook> { return make_hook(params); },
                   setting.params);
    const bool saves = std::holds_alternative<CheckpointHook>(setting.params);
    (saves ? saving : made.emplace_back()) = std::move(hook);
  }
  if (hooks.find<CheckInvalidLossHook>() == nullptr) made.push_back(make_loss_warning());
  made.push_back(make_progress_line());
  if (saving != nullptr) made.push_back(std::move(saving));
  made.push_back(make_validation());
  return made;
}

}  // namespace pinfeed
