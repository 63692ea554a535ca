// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/train/loop/hook.h"

namespace pinfeed {

/// The hooks of a config in the order in which they are called. Two are always added: a warning of
/// a loss that is not finite, where CheckInvalidLossHook is absent, and, as the last one,
/// validation.
std::vector<std::shared_ptr<Hook>> make_hooks(const Hooks& hooks);

/// Warns once of a loss that is not finite.
std::unique_ptr<Hook> make_loss_warning();
/// Validates when the loop says so, after all other hooks have seen the iteration or the epoch.
std::unique_ptr<Hook> make_validation();

}  // namespace pinfeed
