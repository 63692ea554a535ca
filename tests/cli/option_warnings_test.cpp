// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

constexpr auto config = R"(data_root = 'data/'
max_epochs = 24
train_pipeline = [dict(type='LoadImageFromFile')]
train_dataloader = dict(
    batch_size=2, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='CocoDataset', ann_file=data_root + 'train.json', data_prefix=dict(img=data_root),
                 pipeline=train_pipeline))
train_cfg = dict(by_epoch=True, max_epochs=max_epochs)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
model = dict(type='FCOS', backbone=dict(type='ViT', depth=12))
)";

// The warnings of `pinfeed lr` under the options.
std::string warnings(const std::vector<std::string>& options, const std::string& more = "") {
  const TemporaryFolder folder;
  folder.write("a.py", config + more);
  std::vector<std::string> arguments = {"lr", "a.py", "--epoch-length", "3", "--cfg-options"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Outcome outcome = program(arguments, folder.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return outcome.err;
}

TEST(OptionWarnings, NameAVariableThatTheConfigHasUsed) {
  EXPECT_EQ(warnings({"max_epochs=2"}),
            "warning: --cfg-options max_epochs=2 changes nothing: the config has used the variable "
            "'max_epochs' already; did you mean train_cfg.max_epochs?\n");
  EXPECT_EQ(
      warnings({"train_pipeline.0.to_float32=True"}),
      "warning: --cfg-options train_pipeline.0.to_float32=True changes nothing: the config has "
      "used the variable 'train_pipeline' already\n");
}

TEST(OptionWarnings, NameTheNearestName) {
  EXPECT_EQ(warnings({"modle.backbone.depth=2"}),
            "warning: --cfg-options modle.backbone.depth=2 changes nothing: nothing reads 'modle'; "
            "did you mean 'model'?\n");
  EXPECT_EQ(warnings({"optim_wraper.optimizer.lr=2"}),
            "warning: --cfg-options optim_wraper.optimizer.lr=2 changes nothing: nothing reads "
            "'optim_wraper'; did you mean 'optim_wrapper'?\n");
  EXPECT_EQ(warnings({"lr=2"}),
            "warning: --cfg-options lr=2 changes nothing: nothing reads 'lr'; did you mean "
            "optim_wrapper.optimizer.lr?\n");
  EXPECT_EQ(warnings({"batch_sise=2"}),
            "warning: --cfg-options batch_sise=2 changes nothing: nothing reads 'batch_sise'; did "
            "you mean train_dataloader.batch_size?\n");
  EXPECT_EQ(warnings({"nonsense.key=2"}),
            "warning: --cfg-options nonsense.key=2 changes nothing: nothing reads 'nonsense'\n");
}

TEST(OptionWarnings, NameAKeyThatAPartDoesNotHave) {
  EXPECT_EQ(warnings({"model.backbone.depht=2"}),
            "warning: --cfg-options model.backbone.depht=2 changes nothing: ViT has no such key\n");
  EXPECT_EQ(
      warnings({"tta_model.type=DetTTAModel"}),
      "warning: --cfg-options tta_model.type=DetTTAModel changes nothing: there is no test-time "
      "augmentation\n");
}

TEST(OptionWarnings, NameAKeyThatIsIgnored) {
  EXPECT_EQ(warnings({"auto_scale_lr.enabled=True"},
                     "train_cfg['val_interval'] = 1\nauto_scale_lr = dict(base_batch_size=16)\n"),
            "warning: --cfg-options auto_scale_lr.enabled=True changes nothing: the keys that are "
            "read are enable and base_batch_size\n");
}

TEST(OptionWarnings, AreSilentForKeysThatAreRead) {
  EXPECT_EQ(warnings({"train_cfg.max_epochs=2", "train_dataloader.pin_memory=True",
                      "train_dataloader.dataset.pipeline.0.to_float32=True", "pinfeed.threads=1",
                      "optim_wrapper.clip_grad.max_norm=1.0", "randomness.seed=3",
                      "env_cfg.cudnn_benchmark=True", "work_dir=out"}),
            "");
}

TEST(OptionWarnings, PointAtFollowForPathsThatWereBuiltAlready) {
  EXPECT_EQ(
      warnings({"data_root=other/"}),
      "warning: --cfg-options data_root=other/ changes nothing: the config has used the "
      "variable 'data_root' already; with pinfeed.follow=[data_root] the strs that begin with "
      "'data/' follow it\n");
  const std::string follow = "pinfeed = dict(follow=['data_root'])\n";
  EXPECT_EQ(warnings({"data_root=other/"}, follow), "");
  EXPECT_EQ(
      warnings({"data_root=other"}, follow),
      "warning: --cfg-options data_root=other: 'other' has no slash at its end, unlike 'data/': "
      "'data/train.json' becomes 'othertrain.json'\n");
}

TEST(OlderGeneration, IsNamedWithWhatReplacesIt) {
  const TemporaryFolder folder;
  folder.write("a.py",
               "data = dict(samples_per_gpu=2, train=dict(type='CocoDataset'))\n"
               "optimizer = dict(type='SGD', lr=0.02)\n"
               "lr_config = dict(policy='step', step=[8, 11])\n"
               "runner = dict(type='EpochBasedRunner', max_epochs=12)\n");
  const Outcome outcome = program({"config", "a.py", "--check"}, folder.path());
  EXPECT_THAT(outcome.out, testing::HasSubstr(
                               "ignored: a name of the older generation; param_scheduler replaces "
                               "it\n"));
  EXPECT_THAT(outcome.err,
              testing::StartsWith(
                  "warning: data, optimizer, lr_config, runner: names of the older generation, "
                  "before mmengine, which have no effect; mmengine and pinfeed read "
                  "train_dataloader and val_dataloader, optim_wrapper.optimizer, param_scheduler, "
                  "train_cfg\n"));
  folder.write("b.py", "optimizer = dict(type='SGD', lr=0.02)\ndata = 'coco/'\n");
  EXPECT_EQ(program({"config", "b.py"}, folder.path()).err, "");
}

}  // namespace
}  // namespace pinfeed::test
