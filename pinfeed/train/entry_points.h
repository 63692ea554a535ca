// SPDX-License-Identifier: Apache-2.0
// The interface between the command line and libpinfeed_train.so. It does not include torch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/core/ranks.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/detection_metric.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// The arguments of `pinfeed train`.
struct TrainArguments {
  Config config = {};
  Catalogs catalogs = builtin();
  std::optional<std::string> work_dir = {};
  bool resume = false;
  std::optional<std::string> checkpoint = {};  // to resume; absent: the newest of the work dir
  std::string device = "auto";                 // auto, cpu, cuda or cuda:N
  std::optional<std::int64_t> seed = {};
  int threads = 0;               // render threads of the loader; 0: the default
  int torch_threads = 0;         // 0: the default
  Ranks ranks = {};              // one process unless a launcher has started several
  bool discard_on_stop = false;  // a requested stop discards the running iteration
  std::function<void(const std::string&)> print_line = {};     // prints a log line; may be empty
  std::function<void(const std::string&)> show_progress = {};  // a line that is overwritten
  std::string command = {};                                    // that the user typed, for reports
  std::string resume_command = {};                             // shown when the run is interrupted
};

/// The arguments of `pinfeed eval` and `pinfeed test`.
struct EvalArguments {
  std::string split = "val";  // or "test": which loader and which evaluator
  Config config = {};
  Catalogs catalogs = builtin();
  std::string checkpoint = {};
  std::optional<std::string> out =
      {};  // detections as a COCO results file; masks go to NAME.segm.json
  std::optional<std::string> work_dir = {};
  std::optional<std::string> report = {};  // an HTML file with curves, classes and pictures
  std::string command = {};                // that the user typed, for the report
  std::string device = "auto";
  Ranks ranks = {};
  std::function<void(const std::string&)> print_line = {};
};
/// The arguments of `pinfeed predict`.
struct PredictArguments {
  Config config = {};
  Catalogs catalogs = builtin();
  std::string checkpoint = {};
  std::vector<std::string> images = {};     // files
  std::optional<std::string> out_dir = {};  // for pictures
  double score = 0.3;                       // least score of an object
  std::string device = "auto";
  std::function<void(const std::string&)> print_line = {};
};
/// The result of `pinfeed predict`.
struct PredictReport {
  std::string json = {};                   // a COCO file with scores
  std::vector<std::string> pictures = {};  // files, one for each image
};

/// An evaluation and its name in the log: "coco/bbox".
struct NamedEvaluation {
  std::string name = {};
  CocoEvaluation evaluation = {};  // with pycocotools' maxima
};
/// The result of `pinfeed eval`. Later ranks have none.
struct EvalReport {
  std::vector<NamedEvaluation> evaluations = {};
  MetricValues metrics = {};             // if there are others: all that a training would log
  std::vector<std::string> files = {};   // results that were written
  std::vector<std::string> images = {};  // files that show the detections
};

/// What a short trial of a training has measured. Nothing is written.
struct TrialReport {
  std::string device = {};
  std::int64_t parameters = 0;         // numbers
  std::uint64_t checkpoint_bytes = 0;  // of one checkpoint after the first update
  double step_seconds = 0.0;           // forward and backward pass and update, median
  double batch_seconds = 0.0;          // to load a batch while nothing else runs
  std::int64_t batches_per_epoch = 0;
  std::int64_t iterations = 0;     // of the whole training
  std::uint64_t loader_bytes = 0;  // of the batches that are made ahead
  int torch_threads = 0;
  int loader_threads = 0;
  std::vector<std::string> warnings = {};  // those that a training would log at its start
};

/// The parameter groups of a config's model: the names of their parameters and their initial
/// values. With more than one group, `values` has one more entry: the base group
/// (docs/specs/openmmlab-runtime.md, 2.4).
struct ModelGroups {
  std::vector<std::vector<std::string>> names = {};
  std::vector<GroupValues> values = {};
  std::vector<std::string> warnings = {};  // rules that match no parameter
};

/// The entry points of the library, by the names of their symbols. They throw Error only.
using TrainEntry = void (*)(const TrainArguments&);
using EvalEntry = void (*)(const EvalArguments&, EvalReport&);
/// Trains a few iterations, for about `seconds`.
using TrialEntry = void (*)(const TrainArguments&, double seconds, TrialReport&);
using PredictEntry = void (*)(const PredictArguments&, PredictReport&);
using GroupsEntry = void (*)(const Value& config, const ModelCatalog& added, ModelGroups&);
constexpr auto train_entry = "pinfeed_train";
constexpr auto eval_entry = "pinfeed_eval";
constexpr auto trial_entry = "pinfeed_trial";
constexpr auto predict_entry = "pinfeed_predict";
constexpr auto groups_entry = "pinfeed_groups";

}  // namespace pinfeed
