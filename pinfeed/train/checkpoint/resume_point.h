// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pinfeed/train/checkpoint/checkpoint.h"

namespace pinfeed {

/// A checkpoint that was read, to resume from.
struct ResumePoint {
  std::string path = {};
  Checkpoint checkpoint = {};
};

/// The checkpoint to resume from in a work dir: the one that last_checkpoint names. When that is
/// missing or damaged, the newest intact one of the folder is taken, and `warn` gets the reason.
/// Empty when the folder has no checkpoint that can be resumed. Throws Error(data) for a damaged
/// one without an intact one beside it, and for one of a newer format.
std::optional<ResumePoint> newest_resume_point(const std::string& work_dir,
                                               const std::function<void(const std::string&)>& warn);

}  // namespace pinfeed
