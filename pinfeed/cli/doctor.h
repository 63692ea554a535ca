// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/entry_points.h"

namespace pinfeed::cli {

/// One line of `pinfeed doctor`.
struct Diagnosis {
  enum class Level { ok, note, problem };

  Level level = Level::ok;
  std::string topic = {};   // "disk"
  std::string text = {};    // what was found
  std::string advice = {};  // what to do; empty where nothing is to be done
};

/// Images, objects and classes of a data set: empty classes, images without objects, files that are
/// missing or cannot be decoded (of up to 200 images spread over the data set). Bad samples are
/// problems unless they are replaced.
std::vector<Diagnosis> diagnose_data(const Dataset& dataset, const std::string& split,
                                     OnBadSample on_bad_sample);

/// Device, threads, the disk of `folder`, memory and its locking, and the time of an epoch.
/// `checkpoints` may be null.
std::vector<Diagnosis> diagnose_machine(const TrialReport& trial, const CheckpointHook* checkpoints,
                                        const std::string& folder);

}  // namespace pinfeed::cli
