// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/training_list.h"

#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/distributed_schema.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/schemas/metric_schema.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/schemas/validation_schema.h"

namespace pinfeed {
namespace {

template <class... Parts>
std::vector<PartDoc> docs() {
  return {schema_of<Parts>().doc()...};
}

template <class... Hooks>
std::vector<PartDoc> hook_docs(HookTypes<Hooks...>) {
  return docs<Hooks..., LogProcessor>();
}

}  // namespace

std::vector<std::pair<std::string, std::vector<PartDoc>>> training_docs() {
  return {{"preprocessor", preprocessors().docs()},
          {"optimizer", optimizers().docs()},
          {"optim_wrapper", docs<OptimWrapper, AmpOptimWrapper, LossScale, ParamwiseRules,
                                 LayerDecayRules, LearningRateDecayRules, ClipGrad>()},
          {"distributed", docs<MMDistributedDataParallel, DistCfg>()},
          {"loop", docs<EpochBasedTrainLoop, IterBasedTrainLoop, ValLoop>()},
          {"hook", hook_docs(BuiltinHooks{})},
          {"metric", docs<CocoMetricParams, VocMetricParams, LvisMetricParams>()}};
}

}  // namespace pinfeed
