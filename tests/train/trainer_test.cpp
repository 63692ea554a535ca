// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/trainer.h"

#include <sys/resource.h>

#include <csignal>

#include "pinfeed/config/read.h"
#include "pinfeed/core/file.h"
#include "pinfeed/data/safetensors.h"
#include "pinfeed/schedule/read.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

constexpr std::int64_t epoch_length = 5;

const std::string settings = R"(
train_cfg = dict(by_epoch=True, max_epochs=3)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.05), clip_grad=dict(max_norm=10.0))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=4),
                   dict(type='CosineAnnealingLR', by_epoch=True, begin=1, convert_to_iter_based=True)]
default_hooks = dict(logger=dict(type='LoggerHook', interval=2))
)";

TrainParts parts(const std::string& text) {
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
          .feed = numbered_feed(epoch_length),
          .loop = read_train_loop(config),
          .hooks = read_hooks(config),
          .clip_grad = plan.clip_grad,
          .accumulative_counts = plan.accumulative_counts,
          .how_to_resume = "pinfeed train config.py --resume"};
}

// A run of its own folder; what it says to people is kept.
struct Run {
  explicit Run(const std::string& text = settings, const std::string& folder_of_another = "")
      : log(folder_of_another.empty() ? folder.path() : folder_of_another, "run",
            [this](const std::string& line) { said.push_back(line); }),
        trainer(parts(text), log) {}

  LineModel& model() { return dynamic_cast<LineModel&>(*trainer.parts().model); }
  std::string weights() { return weight_bytes(model()); }
  double loss_of(const std::string& line) {
    const std::size_t at = line.find("  loss: ");
    return at == std::string::npos ? -1.0 : std::stod(line.substr(at + 8));
  }

  TestFolder folder;
  std::vector<std::string> said;
  RunLog log;
  Trainer trainer;
};

std::string weights_after(const std::string& text) {
  Run run(text);
  run.trainer.run();
  return run.weights();
}

std::string with(std::string text, const std::string& line) { return text + line + "\n"; }

TEST(Trainer, LearnsALine) {
  Run run;
  run.trainer.run();
  std::vector<double> losses;
  for (const std::string& line : run.said) {
    if (run.loss_of(line) >= 0.0) losses.push_back(run.loss_of(line));
  }
  ASSERT_EQ(losses.size(), 6U);
  EXPECT_LT(losses.back(), 0.5 * losses.front());
}

TEST(Trainer, GivesTheSameWeightsForTheSameSeed) {
  EXPECT_EQ(weights_after(settings), weights_after(settings));
}

TEST(Trainer, SavesEachEpochAndNamesTheNewest) {
  Run run;
  run.trainer.run();
  EXPECT_EQ(run.folder.checkpoints(),
            (std::vector<std::string>{"epoch_1.safetensors", "epoch_2.safetensors",
                                      "epoch_3.safetensors"}));
  EXPECT_EQ(last_checkpoint(run.folder.path()), run.folder / "epoch_3.safetensors");
}

TEST(Trainer, KeepsTheNewestCheckpoints) {
  Run run(
      with(settings,
           "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=2, by_epoch=False, "
           "max_keep_ckpts=2)"));
  run.trainer.run();
  EXPECT_EQ(run.folder.checkpoints(),
            (std::vector<std::string>{"iter_14.safetensors", "iter_15.safetensors"}));
}

TEST(Trainer, WritesAnObjectOfJsonPerLine) {
  Run run;
  run.trainer.run();
  const std::string json = file_text(run.folder / "run/vis_data/scalars.json");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 6);
  EXPECT_TRUE(json.starts_with("{\"lr\": 0.02")) << json;
  EXPECT_NE(json.find("\"grad_norm\": "), std::string::npos);
  EXPECT_EQ(json, file_text(run.folder / "run/vis_data/run.json"));
}

// Stops a run after some iterations and lets another one go on from there.
void expect_same_after_stop_at(std::int64_t stop, const std::string& text) {
  const std::string straight = weights_after(text);
  Run first(text);
  std::int64_t steps = 0;
  first.model().on_step = [&] {
    if (++steps == stop) raise(SIGINT);
  };
  EXPECT_EQ(failure_of([&] { first.trainer.run(); }),
            "error: stopped after iteration " + std::to_string(stop) + " of 15; saved " +
                (first.folder / ("iter_" + std::to_string(stop) + ".safetensors")) +
                "\nhelp: go on with: pinfeed train config.py --resume\n");
  Run second(text, first.folder.path());
  second.trainer.resume(*last_checkpoint(first.folder.path()));
  EXPECT_EQ(second.trainer.progress().iteration, stop);
  second.trainer.run();
  EXPECT_EQ(second.weights(), straight);
}

TEST(Resume, GoesOnToTheBitInTheMiddleOfAnEpoch) { expect_same_after_stop_at(7, settings); }

TEST(Resume, GoesOnToTheBitAtTheEndOfAnEpoch) { expect_same_after_stop_at(10, settings); }

TEST(Resume, GoesOnToTheBitInsideAnAccumulation) {
  expect_same_after_stop_at(7, with(settings, "optim_wrapper['accumulative_counts'] = 4"));
}

TEST(Resume, GoesOnToTheBitInAnIterationLoop) {
  expect_same_after_stop_at(8, with(settings, "train_cfg = dict(by_epoch=False, max_iters=15)"));
}

TEST(Resume, GoesOnToTheBitWithSgd) {
  expect_same_after_stop_at(6, with(settings,
                                    "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01, "
                                    "momentum=0.9, nesterov=True))"));
}

TEST(Resume, GoesOnFromACheckpointOfAnEpochsLastIteration) {
  const std::string text =
      with(settings,
           "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=5, by_epoch=False)");
  Run whole(text);
  whole.trainer.run();
  Run second(text);
  second.trainer.resume(whole.folder / "iter_5.safetensors");
  second.trainer.run();
  EXPECT_EQ(second.weights(), whole.weights());
}

// Validations whose scores are given.
Validate scores(std::vector<double> values) {
  const auto left = std::make_shared<std::vector<double>>(std::move(values));
  return
      [left](
          const std::function<bool(const ValidationStep&)>& goes_on) -> std::optional<Validation> {
        const ValidationStep step{.batch = 1, .batches = 1, .time = 0.25, .data_time = 0.125};
        if (!goes_on(step)) return std::nullopt;
        const double score = left->front();
        left->erase(left->begin());
        return Validation{.metrics = {{"coco/bbox_mAP", score}, {"coco/bbox_mAP_50", 1.0}},
                          .end = step};
      };
}

const std::string with_best =
    with(settings,
         "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1, save_best='auto')");

struct ValidatedRun : Run {
  explicit ValidatedRun(const std::vector<double>& values,
                        const std::string& folder_of_another = "")
      : Run(with_best, folder_of_another), validated(validated_parts(values), log) {}

  static TrainParts validated_parts(const std::vector<double>& values) {
    TrainParts made = parts(with_best);
    made.validate = scores(values);
    return made;
  }

  Trainer validated;
};

TEST(Validation, KeepsTheBestCheckpoint) {
  ValidatedRun run({0.2, 0.5, 0.3});
  run.validated.run();
  EXPECT_EQ(
      run.folder.checkpoints(),
      (std::vector<std::string>{"best_coco_bbox_mAP_epoch_2.safetensors", "epoch_1.safetensors",
                                "epoch_2.safetensors", "epoch_3.safetensors"}));
  const std::string json = file_text(run.folder / "run/vis_data/scalars.json");
  EXPECT_NE(json.find("{\"coco/bbox_mAP\": 0.5, \"coco/bbox_mAP_50\": 1, \"data_time\": 0.125, "
                      "\"time\": 0.25, \"step\": 2}"),
            std::string::npos)
      << json;
}

TEST(Validation, RemembersTheBestScoreOverARestart) {
  ValidatedRun first({0.2, 0.5, 0.3});
  first.validated.run();
  ValidatedRun second({0.4}, first.folder.path());
  second.validated.resume(first.folder / "epoch_2.safetensors");
  second.validated.run();
  EXPECT_TRUE(std::filesystem::exists(first.folder / "best_coco_bbox_mAP_epoch_2.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(first.folder / "best_coco_bbox_mAP_epoch_3.safetensors"));
}

TEST(Validation, ThatIsInterruptedIsDoneFirstAfterwards) {
  ValidatedRun first({0.2, 0.5, 0.3});
  dynamic_cast<LineModel&>(*first.validated.parts().model).on_step = [steps = 0]() mutable {
    if (++steps == 10) raise(SIGINT);  // in the last step of the second epoch
  };
  const std::string failure = failure_of([&] { first.validated.run(); });
  EXPECT_TRUE(failure.starts_with("error: stopped after iteration 10 of 15; saved ")) << failure;
  ValidatedRun second({0.5, 0.3}, first.folder.path());
  second.validated.resume(*last_checkpoint(first.folder.path()));
  EXPECT_TRUE(second.validated.progress().validation_due);
  second.validated.run();
  EXPECT_NE(file_text(first.folder / "best_coco_bbox_mAP_epoch_2.safetensors"), "");
}

TEST(Checkpoint, ThatIsMissingIsNamed) {
  Run run;
  const std::string path = run.folder / "none.safetensors";
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot read " + path + ": No such file or directory\n");
}

TEST(Checkpoint, ThatIsCutShortIsNamed) {
  Run run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_3.safetensors";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  Run second;
  EXPECT_NE(failure_of([&] { second.trainer.resume(path); }).find(path), std::string::npos);
}

TEST(Checkpoint, OfAnotherModelIsRefused) {
  Run run;
  Checkpoint other{.weights = {{"backbone.weight", torch::zeros({3, 5})}},
                   .random = random_state()};
  other.state.set("batches_per_epoch", epoch_length);
  const std::string path = run.folder / "other.safetensors";
  write_checkpoint(path, other);
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot resume from " + path +
                ": it is of another model, 'backbone.bias' is not in it\n");
}

TEST(Checkpoint, WithoutAStateCannotBeResumed) {
  Run run;
  const std::string path = run.folder / "weights.safetensors";
  write_safetensors(path, {.tensors = {{"backbone.bias", Tensor::empty(DType::float32, {3})}}});
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot resume from " + path +
                ": it holds weights but not the state of a run\n"
                "help: load_from='" +
                path + "' starts a new run from its weights\n");
}

TEST(Checkpoint, OfOtherEpochsIsRefused) {
  Run run;
  run.trainer.run();
  TrainParts shorter = parts(settings);
  shorter.feed = numbered_feed(4);
  Trainer second(std::move(shorter), run.log);
  const std::string path = run.folder / "epoch_1.safetensors";
  EXPECT_EQ(failure_of([&] { second.resume(path); }),
            "error: cannot resume from " + path +
                ": its epochs have 5 batches, those of this config 4\n"
                "help: resume with the data set and the batch size of that run\n");
}

// Files may not grow beyond `bytes` while it lives: what a full disk looks like to a writer.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    before_signal_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_signal_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_ = {};
  void (*before_signal_)(int) = SIG_DFL;
};

TEST(Checkpoint, StaysWholeWhenTheDiskIsFull) {
  Run run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_3.safetensors";
  const std::string before = file_text(path);
  std::string failure;
  {
    const FullDisk disk(1000);
    failure = failure_of([&] {
      write_checkpoint(path, {.weights = named_tensors(run.model()), .random = random_state()});
    });
  }
  EXPECT_EQ(failure, "error: cannot write " + path + ": File too large\n");
  EXPECT_EQ(file_text(path), before);
  EXPECT_EQ(run.folder.checkpoints().size(), 3U);
}

TEST(WorkDir, ThatCannotBeMadeIsNamed) {
  const TestFolder folder;
  write_atomically(folder / "file", [](FileWriter& writer) { writer.write("text"); });
  EXPECT_EQ(failure_of([&] { RunLog(folder / "file/run", "run", {}); }),
            "error: cannot make the folder " + (folder / "file/run") + ": Not a directory\n");
}

}  // namespace
}  // namespace pinfeed
