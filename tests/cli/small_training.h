// SPDX-License-Identifier: Apache-2.0
// A training that takes a second: a small detector on four images of two classes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace pinfeed::test {

constexpr auto small_config = R"(
data_root = 'shapes/'
max_epochs = 1
classes = ('circle', 'square', 'triangle', 'star', 'cross')
model = dict(
    type='FCOS',
    data_preprocessor=dict(type='DetDataPreprocessor', mean=[100.0], std=[50.0], pad_size_divisor=16),
    backbone=dict(type='ViT', img_size=64, pretrain_img_size=64, embed_dim=16, depth=1, num_heads=2),
    neck=dict(type='SimpleFPN', backbone_channel=16, in_channels=[4, 8, 16, 16], out_channels=8,
              num_outs=4, norm_cfg=dict(type='LN2d')),
    bbox_head=dict(type='FCOSHead', num_classes=5, in_channels=8, feat_channels=8, stacked_convs=1,
                   strides=[4, 8, 16, 32], regress_ranges=((-1, 16), (16, 32), (32, 64), (64, 1e8)),
                   norm_cfg=dict(type='GN', num_groups=2)),
    test_cfg=dict(nms_pre=50, min_bbox_size=0, score_thr=0.0, nms=dict(type='nms', iou_threshold=0.5),
                  max_per_img=10))
steps = [dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True),
         dict(type='Resize', scale=(64, 64)), dict(type='PackDetInputs')]
train_dataloader = dict(
    batch_size=2, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='CocoDataset', data_root=data_root, ann_file='annotations/train.json',
                 data_prefix=dict(img='train/'), metainfo=dict(classes=classes), pipeline=steps))
val_dataloader = dict(
    batch_size=2, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='CocoDataset', data_root=data_root, ann_file='annotations/val.json',
                 data_prefix=dict(img='val/'), metainfo=dict(classes=classes), test_mode=True,
                 pipeline=steps))
val_evaluator = dict(type='CocoMetric', ann_file=data_root + 'annotations/val.json', metric='bbox')
train_cfg = dict(by_epoch=True, max_epochs=max_epochs)
val_cfg = dict(type='ValLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3))
default_hooks = dict(logger=dict(type='LoggerHook', interval=1))
)";

class SmallTraining : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(PINFEED_BINARY_DIR "/libpinfeed_train.so")) {
      GTEST_SKIP() << "built without torch";
    }
    folder_.write("small.py", small_config);
    const Outcome made = program(
        {"shapes", "shapes", "--size", "64", "--images", "4", "--val", "2"}, folder_.path());
    ASSERT_EQ(made.code, 0) << made.err;
  }
  /// Trains a config that has these lines behind those of the small one.
  Outcome train_with(const std::string& lines) {
    folder_.write("more.py", "_base_ = 'small.py'\n" + lines + "\n");
    return run({"train", "more.py", "--work-dir", "out"});
  }
  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_.path() / name); }

  TemporaryFolder folder_;
};

}  // namespace pinfeed::test
