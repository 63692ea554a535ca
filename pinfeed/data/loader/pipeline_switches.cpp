// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/engine/hooks/pipeline_switch_hook.py, yolox_mode_switch_hook.py.
#include "pinfeed/data/loader/pipeline_switches.h"

#include <algorithm>

#include "pinfeed/config/schema.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

struct PipelineSwitchHook {
  static constexpr auto name = "PipelineSwitchHook";
  std::int64_t switch_epoch = 0;
  ConfigSteps switch_pipeline = {};
};

void describe(Schema<PipelineSwitchHook>& schema) {
  schema.summary("Switches to another pipeline at an epoch.")
      .required("switch_epoch", &PipelineSwitchHook::switch_epoch, "the first epoch, from 0",
                count_from(0))
      .required("switch_pipeline", &PipelineSwitchHook::switch_pipeline,
                "the steps from that epoch on")
      .accepted("priority", "the pipeline of an epoch is known before it begins");
}

struct YOLOXModeSwitchHook {
  static constexpr auto name = "YOLOXModeSwitchHook";
  std::int64_t num_last_epochs = 15;
  std::vector<std::string> skip_type_keys = {"Mosaic", "RandomAffine", "MixUp"};
};

void describe(Schema<YOLOXModeSwitchHook>& schema) {
  schema.summary("Removes the steps that mix images in the last epochs.")
      .optional("num_last_epochs", &YOLOXModeSwitchHook::num_last_epochs,
                "how many epochs; as in mmdet, one more is affected", count_from(0))
      .optional("skip_type_keys", &YOLOXModeSwitchHook::skip_type_keys,
                "types of the steps that are removed")
      .accepted("priority", "the pipeline of an epoch is known before it begins");
}

Error nothing_to_switch(const Dataset& dataset, const std::string& what, const Value& hook) {
  return Error(ErrorKind::config, dataset.name + " has no " + what)
      .at(hook.span())
      .help(
          "use PipelineSwitchHook for data sets of records and YOLOXModeSwitchHook for "
          "MultiImageMixDataset");
}

DatasetSwitch dataset_switch(const PipelineSwitchHook& hook, const Value& value,
                             const Dataset& dataset, const BuildContext& context) {
  if (!dataset.with_steps) throw nothing_to_switch(dataset, "pipeline to switch", value);
  return {hook.switch_epoch, dataset.with_steps(make_steps(hook.switch_pipeline, context))};
}

// As in mmdet, one epoch more than num_last_epochs runs without the steps.
std::int64_t first_epoch(const YOLOXModeSwitchHook& hook, const Value& config, const Value& value) {
  const Value* loop = config.find("train_cfg");
  const Value* epochs = loop == nullptr ? nullptr : loop->find("max_epochs");
  if (epochs != nullptr && epochs->is_int()) {
    return std::max<std::int64_t>(0, epochs->integer() - hook.num_last_epochs - 1);
  }
  throw Error(ErrorKind::config,
              "YOLOXModeSwitchHook counts epochs from the end of training: train_cfg.max_epochs "
              "is missing")
      .at(value.span());
}

}  // namespace

std::vector<PartDoc> pipeline_switch_docs() {
  return {schema_of<PipelineSwitchHook>().doc(), schema_of<YOLOXModeSwitchHook>().doc()};
}

std::vector<DatasetSwitch> pipeline_switches(const Value& config, const Dataset& dataset,
                                             const BuildContext& context) {
  std::vector<DatasetSwitch> switches;
  const Value* hooks = config.find("custom_hooks");
  if (hooks == nullptr || !hooks->is_sequence()) return switches;
  for (std::size_t i = 0; i < hooks->items().size(); ++i) {
    const Value& value = hooks->items()[i];
    if (!value.is_dict() || value.find("type") == nullptr) continue;
    const std::string path = "custom_hooks[" + std::to_string(i) + "]";
    const std::string type = type_of(value, path).name;
    try {
      if (type == PipelineSwitchHook::name) {
        const auto hook = schema_of<PipelineSwitchHook>().parse(value, path);
        switches.push_back(dataset_switch(hook, value, dataset, context));
      }
      if (type == YOLOXModeSwitchHook::name) {
        const auto hook = schema_of<YOLOXModeSwitchHook>().parse(value, path);
        if (!dataset.without_types) throw nothing_to_switch(dataset, "steps to remove", value);
        switches.push_back(
            {first_epoch(hook, config, value), dataset.without_types(hook.skip_type_keys)});
      }
    } catch (Error& error) {
      throw error.inside(path);
    }
  }
  std::stable_sort(switches.begin(), switches.end(),
                   [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  return switches;
}

}  // namespace pinfeed
