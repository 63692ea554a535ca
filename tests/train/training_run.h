// SPDX-License-Identifier: Apache-2.0
// Trainings of a LineModel from the text of a config.
#pragma once

#include "pinfeed/config/read.h"
#include "pinfeed/schedule/read_schedule.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "tests/train/line_model.h"

namespace pinfeed {

inline constexpr std::int64_t epoch_length = 5;

inline const std::string settings = R"(
train_cfg = dict(by_epoch=True, max_epochs=3)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.05), clip_grad=dict(max_norm=10.0))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=4),
                   dict(type='CosineAnnealingLR', by_epoch=True, begin=1, convert_to_iter_based=True)]
default_hooks = dict(logger=dict(type='LoggerHook', interval=2))
)";

inline TrainParts parts(const std::string& text) {
  const Value config = read_config_text(text, "config.py").root;
  const OptimizerPlan plan = read_optim_wrapper(config);
  const auto model = std::make_shared<LineModel>();
  torch::manual_seed(11);
  Optimizer optimizer(plan.optimizer, param_groups(plan, *model));
  Schedule schedule(read_schedulers(config, train_length(config, epoch_length)),
                    optimizer.values());
  return {.model = model,
          .optimizer = std::move(optimizer),
          .schedule = std::move(schedule),
          .feed = std::make_unique<NumberedFeed>(epoch_length),
          .loop = read_train_loop(config),
          .hooks = read_hooks(config),
          .clip_grad = plan.clip_grad,
          .accumulative_counts = plan.accumulative_counts,
          .resume_command = "pinfeed train config.py --resume"};
}

/// The trainer of these parts with the hooks of their settings.
inline std::unique_ptr<Trainer> trainer_of(TrainParts parts, RunLog& log) {
  auto hooks = make_hooks(parts.hooks);
  return std::make_unique<Trainer>(std::move(parts), std::move(hooks), log);
}

/// A run in a folder of its own that collects its log lines.
struct TestRun {
  explicit TestRun(const std::string& text = settings, const std::string& folder_of_another = "")
      : log(folder_of_another.empty() ? folder.path() : folder_of_another, "run",
            [this](const std::string& line) { lines.push_back(line); }),
        trained(trainer_of(parts(text), log)),
        trainer(*trained) {}

  LineModel& model() { return dynamic_cast<LineModel&>(*trainer.parts().model); }
  std::string weights() { return weight_bytes(model()); }
  double loss_of(const std::string& line) {
    const std::size_t at = line.find("  loss: ");
    return at == std::string::npos ? -1.0 : std::stod(line.substr(at + 8));
  }

  TestFolder folder;
  std::vector<std::string> lines;
  RunLog log;
  std::unique_ptr<Trainer> trained;
  Trainer& trainer;
};

/// The weights after an uninterrupted run.
inline std::string weights_after(const std::string& text) {
  TestRun run(text);
  run.trainer.run();
  return run.weights();
}

/// The settings with one more line.
inline std::string with(std::string text, const std::string& line) { return text + line + "\n"; }

}  // namespace pinfeed
