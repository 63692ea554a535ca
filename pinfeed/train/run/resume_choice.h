// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schemas/run_settings.h"
#include "pinfeed/train/checkpoint/resume_point.h"
#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/entry_points.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {

/// The checkpoint to resume from: --resume, or resume=True of the config (then load_from, if
/// given), or the newest one when a launcher has started the ranks again. Rank 0 chooses it.
/// Throws Error(data) for a damaged one.
std::optional<ResumePoint> resume_point(const TrainArguments& arguments,
                                        const RunSettings& settings, ProcessGroup* group,
                                        RunLog& log);

/// The seed of the run: that of the checkpoint has precedence, because with another one the
/// resumed run would differ.
std::int64_t seed_of(const TrainArguments& arguments, std::uint64_t of_config,
                     const std::optional<ResumePoint>& resumed, std::vector<std::string>& warnings);

}  // namespace pinfeed
