// SPDX-License-Identifier: Apache-2.0
// Complete runs of OpenMMLab's Runner: the learning rate of every group in every iteration.
#include "pinfeed/core/file.h"
#include "pinfeed/schedule/read_schedule.h"
#include "pinfeed/train/logging/state_json.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

constexpr std::int64_t batch_size = 4;

// The reference keeps the parts of a config under short names.
Value config_of(const Value& written) {
  Dict loader;
  loader.set("batch_size", batch_size);
  Dict config;
  config.set("train_cfg", *written.find("train_cfg"));
  config.set("optim_wrapper", *written.find("optim"));
  config.set("param_scheduler", *written.find("sch"));
  config.set("train_dataloader", std::move(loader));
  if (const Value* scale = written.find("auto")) config.set("auto_scale_lr", *scale);
  return config;
}

bool is_known(const Value& scheduler) {
  if (scheduler.is_sequence()) return is_known(scheduler.items().front());
  return scheduler.find("type")->string() != "PolyLR";
}

TrainParts runner_parts(const Value& config, std::int64_t epoch_length) {
  const OptimizerPlan plan = read_optim_wrapper(config);
  const auto model = std::make_shared<LineModel>();
  Optimizer optimizer(plan.optimizer, param_groups(plan, *model));
  optimizer.scale_lr(lr_scale(config, 1));
  Schedule schedule(read_schedulers(config, train_length(config, epoch_length)),
                    optimizer.values());
  TrainParts made{.model = model,
                  .optimizer = std::move(optimizer),
                  .schedule = std::move(schedule),
                  .feed = std::make_unique<NumberedFeed>(epoch_length),
                  .loop = read_train_loop(config)};
  made.hooks.list = {{RuntimeInfoHook{}}, {IterTimerHook{}}, {ParamSchedulerHook{}}};
  return made;
}

List rates_while_training(const Value& config, std::int64_t epoch_length) {
  const TestFolder folder;
  RunLog log(folder.path(), "run", {});
  const std::unique_ptr<Trainer> owned = trainer_of(runner_parts(config, epoch_length), log);
  Trainer& trainer = *owned;
  auto& model = dynamic_cast<LineModel&>(*trainer.parts().model);
  List all;
  model.on_step = [&] {
    List rates;
    for (const ParamGroup& group : trainer.parts().optimizer.groups())
      rates.items.emplace_back(group.options.lr);
    // The reference lists the base group behind several.
    if (rates.items.size() > 1)
      rates.items.emplace_back(trainer.parts().schedule.values().back().lr);
    all.items.emplace_back(std::move(rates));
  };
  trainer.run();
  return all;
}

TEST(Runner, TrainsEachIterationWithTheRatesOfOpenMMLab) {
  const std::string path = PINFEED_SOURCE_DIR "/tests/golden/schedule.json";
  const Dict golden = read_state(read_text(path, ErrorKind::data), path);
  std::size_t compared = 0;
  for (const Value& one : golden.find("runner_cases")->items()) {
    const Value& config = *one.find("config");
    if (!is_known(*config.find("sch"))) continue;
    const List rates = rates_while_training(config_of(config), one.find("epoch_length")->integer());
    EXPECT_EQ(Value(rates), *one.find("train_iter_lr")) << one.find("id")->string();
    ++compared;
  }
  EXPECT_EQ(compared, 7U);
}

}  // namespace
}  // namespace pinfeed
