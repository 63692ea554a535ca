// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/training_list.h"

#include <algorithm>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/distributed_schema.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/schemas/metric_schema.h"
#include "pinfeed/schemas/model_list.h"
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

void refuse_known_names(const std::string& kind, const std::vector<std::string>& added,
                        const std::vector<std::string>& known) {
  for (const std::string& name : added) {
    if (std::find(known.begin(), known.end(), name) != known.end()) throw name_taken(kind, name);
  }
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

void check_added_names(const Catalogs& catalogs) {
  refuse_known_names(catalogs.hooks.kind(), catalogs.hooks.names(), hook_names());
  refuse_known_names(catalogs.models.kind(), catalogs.models.names(), model_names());
}

}  // namespace pinfeed
