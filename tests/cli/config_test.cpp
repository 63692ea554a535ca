// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ConfigCommand, PrintsTheMergedConfigAsJson) {
  const TemporaryFolder folder;
  folder.write("base.py", "model = dict(type='A', depth=50)\nscale = (1333, 800)\n");
  folder.write("a.py", "_base_ = 'base.py'\nmodel = dict(depth=18)\nlr = 1e-05\n");
  const Outcome outcome = program({"config", "a.py"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "{\n  \"model\": {\n    \"type\": \"A\",\n    \"depth\": 18\n  },\n"
            "  \"scale\": [1333, 800],\n  \"lr\": 1e-05\n}\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(ConfigCommand, PrintsPythonThatCanBeReadAgain) {
  const TemporaryFolder folder;
  folder.write("a.py", "x = (1, 2.0)\ny = {1: None}\n");
  const Outcome outcome = program({"config", "a.py", "--format", "py"}, folder.path());
  EXPECT_EQ(outcome.out, "x = (1, 2.0)\ny = {1: None}\n");
}

TEST(ConfigCommand, TakesCfgOptionsUpToTheNextOption) {
  const TemporaryFolder folder;
  folder.write("a.py", "a = 1\nb = [dict(c=2)]\n");
  const Outcome outcome = program(
      {"config", "a.py", "--cfg-options", "a=[1,(2,x)]", "b.0.c=-3", "d=", "--format", "py"},
      folder.path());
  EXPECT_EQ(outcome.out, "a = [1, (2, 'x')]\nb = [dict(c=-3)]\nd = ''\n") << outcome.err;
}

TEST(ConfigCommand, WarnsOfCustomImports) {
  const TemporaryFolder folder;
  folder.write("a.py", "custom_imports = dict(imports=['my.models'])\n");
  const Outcome outcome = program({"config", "a.py"}, folder.path());
  EXPECT_EQ(outcome.err, "warning: custom_imports is not executed: my.models\n");
  EXPECT_EQ(program({"--quiet", "config", "a.py"}, folder.path()).err, "");
}

TEST(ConfigCommand, ABrokenConfigExitsWith2) {
  const TemporaryFolder folder;
  folder.write("a.py", "lr = base_lr * 2\n");
  const Outcome outcome = program({"config", "a.py"}, folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "error: there is no name 'base_lr'\n  --> a.py:1:6\n   | lr = base_lr * 2\n   |      "
            "^^^^^^^\n"
            "help: a name must be assigned above its use\n");
}

TEST(ConfigCommand, AnotherFormatIsWrongUsage) {
  const TemporaryFolder folder;
  folder.write("a.py", "");
  EXPECT_EQ(program({"config", "a.py", "--format", "xml"}, folder.path()).code, 2);
}

TEST(ConfigCommand, ExplainsWhereAValueComesFrom) {
  const TemporaryFolder folder;
  folder.write("base.py", "lr = 0.1\n");
  folder.write("a.py", "_base_ = 'base.py'\nlr = 0.2\n");
  const Outcome outcome = program({"config", "a.py", "--explain", "lr"}, folder.path());
  EXPECT_EQ(
      outcome.out,
      "lr = 0.2\n  set at a.py:2:6\n    lr = 0.2\n  overrode 0.1, base.py:1:6\n    lr = 0.1\n");
}

TEST(ConfigCommand, PrintsAVerdictOnEachKey) {
  const TemporaryFolder folder;
  folder.write("a.py", R"(size = (8, 8)
train_pipeline = [
    dict(type='Resize', scale=size, keep_ration=True),
    dict(type='Fancy')]
train_dataloader = dict(
    batch_size=2, num_workers=2, prefetch_factor=0,
    sampler=dict(type='DefaultSampler', shuffle='yes'),
    dataset=dict(type='CocoDataset', pipeline=train_pipeline))
param_scheduler = dict(type='StepLR', step_size=1)
env_cfg = dict(cudnn_benchmark=True)
)");
  const Outcome outcome = program({"config", "a.py", "--check"}, folder.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, R"(size                                              a.py:1   variable
train_pipeline                                    a.py:2   variable
train_dataloader.batch_size                       a.py:6   used
train_dataloader.num_workers                      a.py:6   used
train_dataloader.prefetch_factor                  a.py:6   not supported: prefetch_factor is 0; it must be at least 1
train_dataloader.sampler.type                     a.py:7   used
train_dataloader.sampler.shuffle                  a.py:7   not supported: shuffle must be bool, not str 'yes'
train_dataloader.dataset.type                     a.py:8   used
train_dataloader.dataset.pipeline[0].type         a.py:3   used
train_dataloader.dataset.pipeline[0].scale        a.py:3   used
train_dataloader.dataset.pipeline[0].keep_ration  a.py:3   not supported: Resize has no such key
train_dataloader.dataset.pipeline[1].type         a.py:4   not supported: there is no transform 'Fancy'
train_dataloader.dataset                          a.py:8   not supported: CocoDataset needs the key 'data_prefix'
param_scheduler.type                              a.py:9   used
param_scheduler.step_size                         a.py:9   used
env_cfg.cudnn_benchmark                           a.py:10  used
)");
  EXPECT_EQ(outcome.err,
            "16 keys, 5 not supported\n"
            "not enough for training: the config has no model, train_cfg, optim_wrapper\n");
}

// The lines of `config --check`: key and verdict, without the location.
std::vector<std::string> verdicts(const std::string& config) {
  const TemporaryFolder folder;
  folder.write("a.py", config);
  std::istringstream text(program({"config", "a.py", "--check"}, folder.path()).out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(std::regex_replace(line, std::regex(" +(a.py:[0-9]+)? +"), ": ",
                                       std::regex_constants::format_first_only));
  }
  return lines;
}

// In a model, `sampler` is a part of the model, not of a loader.
TEST(ConfigCommand, FindsThePartsInsideAModel) {
  const std::vector<std::string> lines = verdicts(R"(model = dict(type='RetinaNet', train_cfg=dict(
    assigner=dict(type='MaxIoUAssigner', pos_iou_thr=0.5),
    sampler=dict(type='PseudoSampler')))
)");
  EXPECT_THAT(lines, ::testing::Contains("model.train_cfg.assigner.type: used"));
  EXPECT_THAT(lines, ::testing::Contains("model.train_cfg.sampler.type: used"));
}

constexpr auto optimizer = "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))\n";

// `pinfeed lr` and the trainer refuse it with the same words.
TEST(ConfigCommand, GivesATrainCfgWithoutALoopOneVerdict) {
  EXPECT_THAT(
      verdicts(std::string("train_cfg = dict(max_epochs=2, val_interval=5)\n") + optimizer),
      ElementsAre("train_cfg: not supported: train_cfg has neither type nor by_epoch",
                  "optim_wrapper.optimizer.type: used", "optim_wrapper.optimizer.lr: used"));
  EXPECT_THAT(verdicts("train_cfg = dict(type='IterBasedTrainLoop', by_epoch=False, max_iters=2)\n"
                       "param_scheduler = dict(type='StepLR', step_size=1)\n"),
              ElementsAre("train_cfg: not supported: train_cfg has both type and by_epoch",
                          "param_scheduler.type: used", "param_scheduler.step_size: used"));
}

TEST(ConfigCommand, GivesEachKeyOfATrainCfgOneVerdict) {
  EXPECT_THAT(
      verdicts(std::string("train_cfg = dict(by_epoch=True, max_epochs=2, val_interval=0,\n"
                           "                 max_iters=3)\n"
                           "param_scheduler = dict(type='StepLR', step_size=1)\n") +
               optimizer),
      ElementsAre("train_cfg.by_epoch: used", "train_cfg.max_epochs: used",
                  "train_cfg.val_interval: not supported: val_interval is 0; it must be "
                  "between 1 and 2147483647",
                  "train_cfg.max_iters: not supported: EpochBasedTrainLoop has no such key",
                  "param_scheduler.type: used", "param_scheduler.step_size: used",
                  "optim_wrapper.optimizer.type: used", "optim_wrapper.optimizer.lr: used"));
  EXPECT_THAT(verdicts("train_cfg = dict(type='EpochTrainLoop', max_epochs=2)\n"),
              ElementsAre("train_cfg.type: not supported: there is no loop 'EpochTrainLoop'"));
}

TEST(ConfigCommand, GivesEachKeyOfAnOptimizerOneVerdict) {
  EXPECT_THAT(verdicts("train_cfg = dict(by_epoch=True, max_epochs=2)\n"
                       "optim_wrapper = dict(optimizer=dict(type='SGD', lr='fast'))\n"
                       "param_scheduler = dict(type='StepLR', step_size=1)\n"),
              ElementsAre("train_cfg.by_epoch: used", "train_cfg.max_epochs: used",
                          "optim_wrapper.optimizer.type: used",
                          "optim_wrapper.optimizer.lr: not supported: lr must be float, not str "
                          "'fast'",
                          "param_scheduler.type: used", "param_scheduler.step_size: used"));
}

TEST(ListCommand, PrintsTheReferenceOfTheDocs) {
  const TemporaryFolder folder;
  std::ifstream file(PINFEED_SOURCE_DIR "/docs/reference.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(program({"list", "--markdown"}, folder.path()).out, text.str())
      << "pinfeed list --markdown > docs/reference.md";
}

TEST(ListCommand, ShowsTheKeysOfEachPart) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"list", "transform"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.rfind("transform\n", 0), 0U);
  EXPECT_NE(outcome.out.find("\n  Resize\n"), std::string::npos);
  EXPECT_NE(outcome.out.find("keep_ratio"), std::string::npos);
  EXPECT_EQ(outcome.out.find("CocoDataset"), std::string::npos);
}

TEST(ListCommand, KnowsEveryKind) {
  const TemporaryFolder folder;
  const std::string all = program({"list", "--markdown"}, folder.path()).out;
  for (const char* heading : {"## transform\n", "## dataset\n", "## sampler\n", "## collate\n",
                              "## scheduler\n", "## model\n"}) {
    EXPECT_NE(all.find(heading), std::string::npos) << heading;
  }
  for (const char* part : {"### PipelineSwitchHook\n", "### YOLOXModeSwitchHook\n"}) {
    EXPECT_NE(all.find(part), std::string::npos) << part;
  }
  EXPECT_NE(all.find("| key | type | default | meaning |"), std::string::npos);
}

TEST(ListCommand, NamesTheKinds) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"list"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(std::regex_search(outcome.out,
                                std::regex("^transform +[0-9]+ parts\ndataset +[0-9]+ parts\n")))
      << outcome.out;
  EXPECT_THAT(outcome.out, Not(HasSubstr("Resize")));
  EXPECT_THAT(outcome.err, HasSubstr("`pinfeed list all` shows everything\n"));
}

TEST(ListCommand, ShowsOnePart) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"list", "Resize"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("transform\n  Resize\n"));
  EXPECT_THAT(outcome.out, HasSubstr("keep_ratio"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("RandomFlip")));
  EXPECT_EQ(program({"list", "mmdet.Resize"}, folder.path()).out, outcome.out);
}

TEST(ListCommand, ShowsEverythingOnRequest) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"list", "all"}, folder.path());
  EXPECT_THAT(outcome.out, HasSubstr("\n  CocoDataset\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\n  CocoMetric\n"));
  EXPECT_EQ(program({"list", "all", "--markdown"}, folder.path()).out,
            program({"list", "--markdown"}, folder.path()).out);
}

TEST(ListCommand, SuggestsTheNearestName) {
  const TemporaryFolder folder;
  const std::string kinds =
      "the kinds are transform, dataset, sampler, batch_sampler, collate, scheduler, model, "
      "preprocessor, optimizer, optim_wrapper, distributed, loop, hook, metric\n";
  const Outcome kind = program({"list", "transfrom"}, folder.path());
  EXPECT_EQ(kind.code, 2);
  EXPECT_EQ(kind.err,
            "error: there is no part and no kind of part 'transfrom'\n"
            "help: did you mean 'transform'? " +
                kinds);
  EXPECT_EQ(program({"list", "Resise"}, folder.path()).err,
            "error: there is no part and no kind of part 'Resise'\n"
            "help: did you mean 'Resize'? " +
                kinds);
}

}  // namespace
}  // namespace pinfeed::test
