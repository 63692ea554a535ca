// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/train/loop/hook.h"

namespace pinfeed {

/// The hooks of a config in the order in which they are called. Three are always added: a warning
/// of a loss that is not finite, where CheckInvalidLossHook is absent, the progress in a terminal,
/// and, as the last one, validation. CheckpointHook comes right before it, whatever its priority: a
/// checkpoint has the state of all hooks after the iteration or the epoch.
std::vector<std::shared_ptr<Hook>> make_hooks(const Hooks& hooks);

/// Warns once of a loss that is not finite.
std::unique_ptr<Hook> make_loss_warning();
/// Shows the progress by TrainParts::show_progress.
std::unique_ptr<Hook> make_progress_line();
/// Validates when the loop says so, after all other hooks have seen the iteration or the epoch.
std::unique_ptr<Hook> make_validation();

}  // namespace pinfeed
