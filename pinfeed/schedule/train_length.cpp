// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/runner/runner.py, build_train_loop
// (docs/specs/openmmlab-runtime.md, 6).
#include "pinfeed/config/catalog.h"
#include "pinfeed/config/convert.h"
#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {
namespace {

const Value& section(const Value& config, const std::string& name) {
  const Value* found = config.find(name);
  if (found == nullptr || found->is_none()) {
    throw Error(ErrorKind::config, "the config has no " + name);
  }
  require_dict(*found, name);
  return *found;
}

bool is_epoch_loop(const Value& train_cfg) {
  const Value* by_epoch = train_cfg.find("by_epoch");
  const Value* type = train_cfg.find("type");
  if ((by_epoch == nullptr) == (type == nullptr)) {
    const std::string which =
        type == nullptr ? "neither type nor by_epoch" : "both type and by_epoch";
    throw Error(ErrorKind::config, "train_cfg has " + which)
        .at(train_cfg.span())
        .inside("train_cfg")
        .help("write by_epoch=True with max_epochs, or by_epoch=False with max_iters");
  }
  if (by_epoch != nullptr) return convert<bool>(*by_epoch, "train_cfg.by_epoch");
  const std::string name = type_of(train_cfg, "train_cfg").name;
  if (name != "EpochBasedTrainLoop" && name != "IterBasedTrainLoop") {
    throw unknown_type("loop", train_cfg, "train_cfg",
                       {"EpochBasedTrainLoop", "IterBasedTrainLoop"});
  }
  return name == "EpochBasedTrainLoop";
}

std::int64_t count(const Value& train_cfg, const std::string& key) {
  const Value* found = train_cfg.find(key);
  if (found == nullptr) {
    throw Error(ErrorKind::config, "train_cfg needs the key '" + key + "'")
        .at(train_cfg.span())
        .inside("train_cfg");
  }
  const std::string path = "train_cfg." + key;
  const auto number = convert<std::int64_t>(*found, path);
  check_range(static_cast<double>(number), at_least(1), *found, path);
  return number;
}

}  // namespace

TrainLength train_length(const Value& config, std::optional<std::int64_t> epoch_length) {
  const Value& train_cfg = section(config, "train_cfg");
  if (is_epoch_loop(train_cfg)) {
    return {.max_epochs = count(train_cfg, "max_epochs"), .epoch_length = epoch_length};
  }
  return {
      .by_epoch = false, .max_iters = count(train_cfg, "max_iters"), .epoch_length = epoch_length};
}

}  // namespace pinfeed
