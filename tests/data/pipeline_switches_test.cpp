// SPDX-License-Identifier: Apache-2.0
// PipelineSwitchHook and YOLOXModeSwitchHook: custom_hooks switch the pipeline at an epoch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/inspect/digest.h"
#include "planning.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

class PipelineSwitches : public testing::Test {
 protected:
  PipelineSwitches() {
    for (int i = 0; i < 6; ++i) {
      image::write_jpeg(image::make_image({40, 30}),
                        folder.path() + "/" + std::to_string(i) + ".jpg");
    }
  }

  std::string records(const std::string& size) const {
    return "dict(type='CustomDataset', data_prefix='" + folder.path() +
           "', with_label=False, pipeline=" + steps(size) + ")";
  }
  static std::string steps(const std::string& size) {
    return "[dict(type='LoadImageFromFile'), dict(type='Resize', scale=" + size +
           "), dict(type='PackInputs')]";
  }
  static std::string mixed(const std::string& inner) {
    return "dict(type='MultiImageMixDataset', dataset=" + inner + ", pipeline=[])";
  }
  Loader loader(const std::string& dataset, const std::string& hooks,
                const std::string& more = "train_cfg = dict(max_epochs=5)") const {
    const Value config = read_config_text("custom_hooks = [" + hooks + "]\n" + more +
                                          "\ntrain_dataloader = dict(batch_size=3, sampler="
                                          "dict(type='DefaultSampler'), dataset=" +
                                          dataset + ")\n")
                             .root;
    return make_loader(config, "train_dataloader", catalogs(), loader_options(config));
  }
  // The width of the first sample of each epoch.
  static std::vector<int> widths(Loader& loader, int epochs) {
    std::vector<int> all;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      const auto batch = loader.next();
      all.push_back(batch->samples()[0].img_shape.width);
      while (loader.next()) continue;
    }
    return all;
  }

  Folder folder;
};

TEST_F(PipelineSwitches, TheEpochDeterminesThePipeline) {
  Loader batches = loader(records("(8, 6)"),
                          "dict(type='NumClassCheckHook'), dict(type='mmdet.PipelineSwitchHook', "
                          "switch_epoch=2, switch_pipeline=" +
                              steps("(16, 12)") + ")");
  EXPECT_THAT(widths(batches, 4), ElementsAre(8, 8, 16, 16));
  batches.seek({1, 1});
  EXPECT_EQ(batches.next()->samples()[0].img_shape.width, 8);
  batches.seek({3, 0});
  EXPECT_EQ(batches.next()->samples()[0].img_shape.width, 16);
}

TEST_F(PipelineSwitches, TheLastOfSeveralSwitchesApplies) {
  Loader batches = loader(
      records("(8, 6)"),
      "dict(type='PipelineSwitchHook', switch_epoch=2, switch_pipeline=" + steps("(16, 12)") +
          "), dict(type='PipelineSwitchHook', switch_epoch=1, "
          "switch_pipeline=" +
          steps("(24, 12)") + ")");
  EXPECT_THAT(widths(batches, 3), ElementsAre(8, 24, 16));
}

TEST_F(PipelineSwitches, YoloxRemovesStepsInTheLastEpochsAndOneMore) {
  const std::string inner = "dict(type='CustomDataset', data_prefix='" + folder.path() +
                            "', with_label=False, pipeline=[dict(type='LoadImageFromFile')])";
  const std::string dataset =
      "dict(type='MultiImageMixDataset', dataset=" + inner +
      ", pipeline=[dict(type='Resize', scale=(8, 6)), dict(type='Pad', size=(20, 20)), "
      "dict(type='PackInputs')])";
  Loader batches = loader(
      dataset, "dict(type='YOLOXModeSwitchHook', num_last_epochs=2, skip_type_keys=('Pad',))");
  EXPECT_THAT(widths(batches, 5), ElementsAre(20, 20, 8, 8, 8));
}

TEST_F(PipelineSwitches, AcceptsAPriorityWithoutEffect) {
  Loader records_switched = loader(records("(8, 6)"),
                                   "dict(type='PipelineSwitchHook', priority=48, switch_epoch=1, "
                                   "switch_pipeline=" +
                                       steps("(20, 15)") + ")");
  EXPECT_THAT(widths(records_switched, 3), ElementsAre(8, 20, 20));
  Loader mixed_switched =
      loader(mixed(records("(8, 6)")), "dict(type='YOLOXModeSwitchHook', priority=48)");
  EXPECT_THAT(widths(mixed_switched, 2), ElementsAre(8, 8));
}

TEST_F(PipelineSwitches, OtherLoadersKeepTheirPipeline) {
  const Value config = read_config_text(
                           "custom_hooks = [dict(type='PipelineSwitchHook', switch_epoch=0, "
                           "switch_pipeline=[])]\nval_dataloader = dict(sampler="
                           "dict(type='DefaultSampler', shuffle=False), dataset=" +
                           records("(8, 6)") + ")\n")
                           .root;
  Loader batches = make_loader(config, "val_dataloader", catalogs(), loader_options(config));
  EXPECT_EQ(batches.next()->samples()[0].img_shape.width, 8);
}

TEST_F(PipelineSwitches, RefusesADataSetWithoutAPipeline) {
  const auto first_lines = [&](const std::string& dataset, const std::string& hook,
                               const std::string& more = "") {
    const std::string message = failure([&] { (void)loader(dataset, hook, more); });
    return message.substr(0, message.find('\n'));
  };
  const std::string repeated =
      "dict(type='RepeatDataset', times=2, dataset=" + records("(8, 6)") + ")";
  EXPECT_EQ(
      first_lines(repeated, "dict(type='PipelineSwitchHook', switch_epoch=1, switch_pipeline=[])"),
      "error: RepeatDataset has no pipeline to switch");
  EXPECT_EQ(first_lines(records("(8, 6)"), "dict(type='YOLOXModeSwitchHook')",
                        "train_cfg = dict(max_epochs=20)"),
            "error: CustomDataset has no steps to remove");
  EXPECT_EQ(first_lines(mixed(records("(8, 6)")), "dict(type='YOLOXModeSwitchHook')"),
            "error: YOLOXModeSwitchHook counts epochs from the end of training: "
            "train_cfg.max_epochs is missing");
  EXPECT_EQ(first_lines(records("(8, 6)"),
                        "dict(type='PipelineSwitchHook', switch_epoch=1, "
                        "switch_pipeline=[dict(type='Resise')])"),
            "error: there is no transform 'Resise'");
}

}  // namespace
}  // namespace pinfeed
