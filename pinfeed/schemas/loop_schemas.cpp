// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/loop_schemas.h"

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

template <class Loop>
Schema<Loop>& describe_common(Schema<Loop>& schema) {
  return schema
      .optional("val_begin", &Loop::val_begin, "the first that may be validated, from 1",
                at_least(0))
      .optional("val_interval", &Loop::val_interval, "from one validation to the next", at_least(1))
      .optional("dynamic_intervals", &Loop::dynamic_intervals,
                "(from, val_interval): another interval from then on")
      .accepted("by_epoch", "chooses the loop");
}

template <class Params>
TrainLoop common(const Params& params) {
  TrainLoop loop{.val_begin = params.val_begin, .val_interval = params.val_interval};
  if (!params.dynamic_intervals) return loop;
  for (const auto& pair : *params.dynamic_intervals)
    loop.dynamic_intervals.push_back({pair[0], pair[1]});
  return loop;
}

TrainLoop epoch_loop(const Value& value) {
  const auto params = schema_of<EpochBasedTrainLoop>().parse(value, "train_cfg");
  TrainLoop loop = common(params);
  loop.max_epochs = params.max_epochs;
  return loop;
}

TrainLoop iteration_loop(const Value& value) {
  const auto params = schema_of<IterBasedTrainLoop>().parse(value, "train_cfg");
  TrainLoop loop = common(params);
  loop.by_epoch = false;
  loop.max_iters = params.max_iters;
  return loop;
}

bool is_set(const Value& config, std::string_view key) {
  const Value* value = config.find(key);
  return value != nullptr && !value->is_none();
}

TrainLoop named_loop(const Value& value) {
  const std::string type = type_of(value, "train_cfg").name;
  if (const Value* by_epoch = value.find("by_epoch")) {
    throw Error(ErrorKind::config, "train_cfg has both 'type' and 'by_epoch'")
        .at(by_epoch->span())
        .inside("train_cfg.by_epoch")
        .help("keep one: each chooses the loop");
  }
  if (type == EpochBasedTrainLoop::name) return epoch_loop(value);
  if (type == IterBasedTrainLoop::name) return iteration_loop(value);
  throw unknown_type("train loop", value, "train_cfg",
                     {EpochBasedTrainLoop::name, IterBasedTrainLoop::name});
}

}  // namespace

bool TrainLoop::validates_after(std::int64_t done, std::int64_t all) const {
  std::int64_t interval = val_interval;
  for (const auto& [from, other] : dynamic_intervals) {
    if (done >= from) interval = other;
  }
  return done >= val_begin && (done % interval == 0 || done == all);
}

void describe(Schema<EpochBasedTrainLoop>& schema) {
  schema.summary("Trains for a number of epochs.")
      .required("max_epochs", &EpochBasedTrainLoop::max_epochs, "epochs to train", at_least(1));
  describe_common(schema);
}

void describe(Schema<IterBasedTrainLoop>& schema) {
  schema.summary("Trains for a number of iterations; epochs only reshuffle.")
      .required("max_iters", &IterBasedTrainLoop::max_iters, "iterations to train", at_least(1));
  describe_common(schema);
}

void describe(Schema<ValLoop>& schema) {
  schema.summary("Evaluates on the whole validation set.")
      .refused("fp16", "pinfeed evaluates in float32");
}

TrainLoop read_train_loop(const Value& config) {
  const Value* value = config.find("train_cfg");
  if (value == nullptr || value->is_none()) {
    throw Error(ErrorKind::config, "the config has no train_cfg")
        .help("train_cfg = dict(by_epoch=True, max_epochs=12, val_interval=1)");
  }
  require_dict(*value, "train_cfg");
  if (value->find("type") != nullptr) return named_loop(*value);
  const Value* by_epoch = value->find("by_epoch");
  const bool epochs = by_epoch == nullptr || convert<bool>(*by_epoch, "train_cfg.by_epoch");
  return epochs ? epoch_loop(*value) : iteration_loop(*value);
}

bool has_validation(const Value& config) {
  std::vector<std::string> there;
  std::vector<std::string> absent;
  for (const char* key : {"val_dataloader", "val_cfg", "val_evaluator"}) {
    (is_set(config, key) ? there : absent).push_back(key);
  }
  if (absent.empty()) schema_of<ValLoop>().parse(*config.find("val_cfg"), "val_cfg");
  if (there.empty() || absent.empty()) return absent.empty();
  throw Error(ErrorKind::config, "the config has " + joined(there) + " but not " + joined(absent))
      .help("validation needs all three; set them to None to train without it");
}

}  // namespace pinfeed
