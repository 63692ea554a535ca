// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/built_model.h"

#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/schedule/optimizer_values.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/train/input/make_feed.h"
#include "pinfeed/train/optim/param_groups.h"

namespace pinfeed {

std::shared_ptr<Model> built_model(const Value& config, const ModelCatalog& added,
                                   torch::Device device) {
  std::shared_ptr<Model> built = make_model(network_of(config), "model", added);
  built->to(device);
  return built;
}

std::shared_ptr<Model> model_with_weights(
    const Value& config, const ModelCatalog& added, const std::string& checkpoint,
    torch::Device device, const std::function<void(const std::string&)>& print_line) {
  std::shared_ptr<Model> model = built_model(config, added, device);
  const WeightsReport loaded = load_weights(*model, checkpoint);
  if (!print_line) return model;
  print_line(summary(loaded, checkpoint));
  for (const std::string& text : load_warnings(loaded, checkpoint)) print_line("warning: " + text);
  return model;
}

Optimizer built_optimizer(const Value& config, const OptimizerPlan& plan, const Model& model,
                          int world_size) {
  Optimizer optimizer(plan.optimizer, param_groups(plan, model));
  optimizer.scale_lr(lr_scale(config, world_size));
  return optimizer;
}

std::optional<int> slots_for(torch::Device device) {
  if (route_to(device) == Route::host) return std::nullopt;
  return device.index();
}

}  // namespace pinfeed
