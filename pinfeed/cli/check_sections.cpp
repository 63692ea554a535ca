// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check_sections.h"

namespace pinfeed::cli {

std::vector<std::string> part_kinds_of(const std::string& key) {
  if (key == "pipeline" || key == "transforms" || key == "switch_pipeline") return {"transform"};
  if (key == "dataset" || key == "datasets") return {"dataset"};
  if (key == "sampler") return {"sampler"};
  if (key == "batch_sampler") return {"batch_sampler"};
  if (key == "collate_fn") return {"collate"};
  if (key == "param_scheduler") return {"scheduler", "hook"};
  if (key == "optimizer") return {"optimizer"};
  if (key == "optim_wrapper") return {"optim_wrapper"};
  if (key == "train_cfg" || key == "val_cfg") return {"loop"};
  if (key == "val_evaluator") return {"metric"};
  if (key == "model") return {"model"};
  if (key == "default_hooks" || key == "custom_hooks") return {"hook"};
  if (key == "data_preprocessor") return {"preprocessor"};
  return {};
}

}  // namespace pinfeed::cli
