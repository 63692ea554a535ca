// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/menu/training.h"

#include "pinfeed/train/menu/hooks.h"
#include "pinfeed/train/menu/loops.h"
#include "pinfeed/train/menu/metric.h"
#include "pinfeed/train/menu/optimizer.h"
#include "pinfeed/train/menu/preprocessor.h"

namespace pinfeed {
namespace {

template <class... Parts>
std::vector<PartDoc> docs() {
  return {schema_of<Parts>().doc()...};
}

}  // namespace

std::vector<std::pair<std::string, std::vector<PartDoc>>> training_docs() {
  return {{"preprocessor", preprocessors().docs()},
          {"optimizer", optimizers().docs()},
          {"optim_wrapper",
           docs<OptimWrapper, ParamwiseRules, LayerDecayRules, LearningRateDecayRules, ClipGrad>()},
          {"loop", docs<EpochBasedTrainLoop, IterBasedTrainLoop, ValLoop>()},
          {"hook", docs<LoggerHook, CheckpointHook, CheckInvalidLossHook, LogProcessor>()},
          {"metric", docs<CocoMetricParams>()}};
}

}  // namespace pinfeed
