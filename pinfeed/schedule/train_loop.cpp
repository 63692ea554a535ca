// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/runner/runner.py, build_train_loop
// (docs/specs/openmmlab-runtime.md, 6).
#include "pinfeed/schedule/train_loop.h"

#include <fmt/format.h>

#include <limits>

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

using Intervals = std::vector<std::array<std::int64_t, 2>>;

void check_intervals(const Intervals& intervals) {
  constexpr std::int64_t most = 2'147'483'647;
  for (const auto& [milestone, interval] : intervals) {
    if (milestone >= 0 && milestone <= most && interval >= 1 && interval <= most) continue;
    throw Error(ErrorKind::config,
                fmt::format("dynamic_intervals has ({}, {}); the milestone must be between 0 and "
                            "{}, the interval between 1 and {}",
                            milestone, interval, most, most));
  }
}

template <class Loop>
void describe_validation(Schema<Loop>& schema) {
  schema
      .optional("val_begin", &Loop::val_begin, "first epoch or iteration to validate after, from 1",
                count_from(0))
      .optional("val_interval", &Loop::val_interval, "from one validation to the next",
                count_from(1))
      .optional("dynamic_intervals", &Loop::dynamic_intervals,
                "pairs (milestone, val_interval): the interval from that epoch or iteration on")
      .accepted("by_epoch", "chooses the loop")
      .check([](const Loop& params) {
        if (params.dynamic_intervals) check_intervals(*params.dynamic_intervals);
      });
}

template <class Loop>
TrainLoop validation_of(const Loop& params) {
  TrainLoop loop{.val_begin = params.val_begin, .val_interval = params.val_interval};
  if (!params.dynamic_intervals) return loop;
  for (const auto& [milestone, interval] : *params.dynamic_intervals)
    loop.dynamic_intervals.push_back({milestone, interval});
  return loop;
}

TrainLoop loop_of(const EpochBasedTrainLoop& params) {
  TrainLoop loop = validation_of(params);
  loop.max_epochs = params.max_epochs;
  return loop;
}

TrainLoop loop_of(const IterBasedTrainLoop& params) {
  TrainLoop loop = validation_of(params);
  loop.by_epoch = false;
  loop.max_iters = params.max_iters;
  return loop;
}

// RepeatDataset can make epochs of more than 2^31 batches.
void require_countable(const TrainLoop& loop, std::int64_t epoch_length) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2;
  if (!loop.by_epoch || epoch_length < 1 || loop.max_epochs <= most / epoch_length) return;
  throw Error(ErrorKind::config,
              fmt::format("max_epochs is {}; with {} iterations in an epoch it must be at most {}",
                          loop.max_epochs, epoch_length, most / epoch_length))
      .inside("train_cfg.max_epochs");
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
      .required("max_epochs", &EpochBasedTrainLoop::max_epochs, "epochs to train", count_from(1));
  describe_validation(schema);
}

void describe(Schema<IterBasedTrainLoop>& schema) {
  schema.summary("Trains for a number of iterations; epochs only reshuffle.")
      .required("max_iters", &IterBasedTrainLoop::max_iters, "iterations to train", count_from(1));
  describe_validation(schema);
}

std::string_view train_loop_name(const Value& train_cfg) {
  require_dict(train_cfg, "train_cfg");
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
  if (by_epoch != nullptr) {
    return convert<bool>(*by_epoch, "train_cfg.by_epoch") ? EpochBasedTrainLoop::name
                                                          : IterBasedTrainLoop::name;
  }
  const std::string name = type_of(train_cfg, "train_cfg").name;
  if (name == EpochBasedTrainLoop::name) return EpochBasedTrainLoop::name;
  if (name == IterBasedTrainLoop::name) return IterBasedTrainLoop::name;
  throw unknown_type("loop", train_cfg, "train_cfg",
                     {EpochBasedTrainLoop::name, IterBasedTrainLoop::name});
}

TrainLoop read_train_loop(const Value& config) {
  const Value* train_cfg = config.find("train_cfg");
  if (train_cfg == nullptr || train_cfg->is_none()) {
    throw Error(ErrorKind::config, "the config has no train_cfg")
        .help("train_cfg = dict(by_epoch=True, max_epochs=12, val_interval=1)");
  }
  if (train_loop_name(*train_cfg) == EpochBasedTrainLoop::name)
    return loop_of(schema_of<EpochBasedTrainLoop>().parse(*train_cfg, "train_cfg"));
  return loop_of(schema_of<IterBasedTrainLoop>().parse(*train_cfg, "train_cfg"));
}

TrainLength train_length(const TrainLoop& loop, std::optional<std::int64_t> epoch_length) {
  require_countable(loop, epoch_length.value_or(1));
  if (loop.by_epoch) return {.max_epochs = loop.max_epochs, .epoch_length = epoch_length};
  return {.by_epoch = false, .max_iters = loop.max_iters, .epoch_length = epoch_length};
}

TrainLength train_length(const Value& config, std::optional<std::int64_t> epoch_length) {
  return train_length(read_train_loop(config), epoch_length);
}

}  // namespace pinfeed
