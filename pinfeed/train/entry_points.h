// SPDX-License-Identifier: Apache-2.0
// The seam between the command line and libpinfeed_train.so. Knows no torch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// What `pinfeed train` was asked for.
struct TrainArguments {
  Config config = {};
  Catalogs catalogs = builtin();
  std::optional<std::string> work_dir = {};
  bool resume = false;
  std::optional<std::string> checkpoint = {};  // to resume; absent: the newest of the work dir
  std::string device = "auto";                 // auto, cpu, cuda or cuda:N
  std::optional<std::int64_t> seed = {};
  std::function<void(const std::string&)> say = {};  // a line for people
  std::string how_to_resume = {};                    // the command line that goes on
};

/// What `pinfeed eval` was asked for, and what it found.
struct EvalArguments {
  Config config = {};
  Catalogs catalogs = builtin();
  std::string checkpoint = {};
  std::optional<std::string> out = {};  // detections as a COCO results file
  std::optional<std::string> work_dir = {};
  std::string device = "auto";
  std::function<void(const std::string&)> say = {};
};
struct EvalReport {
  CocoEvaluation evaluation = {};                            // with pycocotools' maxima
  std::vector<std::pair<std::string, double>> metrics = {};  // as they are logged in training
  std::vector<std::string> images = {};                      // files with detections drawn
};

/// What the groups of parameters of a config's model are: their names, and the values they begin
/// with; a base group without names behind them if there are several
/// (docs/specs/openmmlab-runtime.md, 2.4).
struct ModelGroups {
  std::vector<std::vector<std::string>> names = {};
  std::vector<GroupValues> values = {};
};

/// The entries of the library. Errors leave them as Error.
using TrainEntry = void (*)(const TrainArguments&);
using EvalEntry = void (*)(const EvalArguments&, EvalReport&);
using GroupsEntry = void (*)(const Value& config, ModelGroups&);
constexpr auto train_entry = "pinfeed_train";
constexpr auto eval_entry = "pinfeed_eval";
constexpr auto groups_entry = "pinfeed_groups";

}  // namespace pinfeed
