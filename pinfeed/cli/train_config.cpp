// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/train_config.h"

#include <string>

#include "pinfeed/config/catalog.h"
#include "pinfeed/core/error.h"

namespace pinfeed::cli {

void use_amp(Value& config) {
  Value* wrapper = config.is_dict() ? config.dict().find("optim_wrapper") : nullptr;
  if (wrapper == nullptr || !wrapper->is_dict()) return;  // an error of training tells
  Dict& keys = wrapper->dict();
  const std::string type =
      keys.find("type") == nullptr ? "OptimWrapper" : type_of(*wrapper, "optim_wrapper").name;
  if (type == "AmpOptimWrapper") return;
  if (type != "OptimWrapper") {
    throw Error(ErrorKind::config, "--amp does not work with an optim_wrapper of type " + type)
        .at(keys.find("type")->span())
        .inside("optim_wrapper.type")
        .help("it needs OptimWrapper");
  }
  keys.set("type", "AmpOptimWrapper");
  if (keys.find("loss_scale") == nullptr) keys.set("loss_scale", "dynamic");
}

void use_auto_scale_lr(Value& config) {
  Value* scale = config.is_dict() ? config.dict().find("auto_scale_lr") : nullptr;
  if (scale == nullptr || !scale->is_dict() || scale->dict().find("base_batch_size") == nullptr) {
    throw Error(ErrorKind::config,
                "--auto-scale-lr needs auto_scale_lr.base_batch_size in the config")
        .help(
            "add auto_scale_lr = dict(base_batch_size=16) with the batch size, of all processes "
            "together, that the learning rate was chosen for");
  }
  scale->dict().set("enable", true);
}

}  // namespace pinfeed::cli
