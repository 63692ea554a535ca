// SPDX-License-Identifier: Apache-2.0
// Trainings of a small detector by the program.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/program.h"

namespace pinfeed::test {

// A small detector: an epoch takes a second.
inline constexpr auto tiny = R"(
data_root = 'shapes/'
classes = dict(classes=('circle', 'square', 'triangle', 'star', 'cross'))
model = dict(
    type='FCOS',
    data_preprocessor=dict(type='DetDataPreprocessor', bgr_to_rgb=True, pad_size_divisor=16),
    backbone=dict(type='ViT', img_size=64, pretrain_img_size=64, embed_dim=16, depth=1, num_heads=2),
    neck=dict(type='SimpleFPN', backbone_channel=16, in_channels=[4, 8, 16, 16], out_channels=8,
              num_outs=4, norm_cfg=dict(type='LN2d')),
    bbox_head=dict(type='FCOSHead', num_classes=5, in_channels=8, feat_channels=8, stacked_convs=1,
                   strides=[4, 8, 16, 32], regress_ranges=((-1, 16), (16, 32), (32, 64), (64, 1e8)),
                   norm_cfg=dict(type='GN', num_groups=2)),
    test_cfg=dict(nms_pre=50, min_bbox_size=0, score_thr=0.0, nms=dict(type='nms', iou_threshold=0.5),
                  max_per_img=10))
load = dict(type='LoadImageFromFile')
resize = dict(type='Resize', scale=(64, 64))
boxes = dict(type='LoadAnnotations', with_bbox=True)
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='mmdet.MAEDataset4DS', data_root=data_root, ann_file='annotations/train.json',
                 data_prefix=dict(img='train/'), metainfo=classes, filter_cfg=dict(filter_empty_gt=True, min_size=0),
                 pipeline=[load, boxes, resize, dict(type='PackDetInputs')]))
val_dataloader = dict(
    batch_size=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='mmdet.MAEDataset4DS', data_root=data_root, ann_file='annotations/val.json',
                 data_prefix=dict(img='val/'), metainfo=classes, test_mode=True,
                 pipeline=[load, resize, boxes, dict(type='PackDetInputs')]))
val_evaluator = dict(type='CocoMetric', ann_file=data_root + 'annotations/val.json', metric='bbox')
train_cfg = dict(by_epoch=True, max_epochs=1)
val_cfg = dict(type='ValLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3))
default_hooks = dict(logger=dict(type='LoggerHook', interval=1))
)";

class Train : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(PINFEED_BINARY_DIR "/libpinfeed_train.so")) {
      GTEST_SKIP() << "built without torch";
    }
    config_ = folder_.write("tiny.py", tiny);
    const Outcome made = program(
        {"shapes", "shapes", "--size", "64", "--images", "8", "--val", "4"}, folder_.path());
    ASSERT_EQ(made.code, 0) << made.err;
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return program(arguments, folder_.path());
  }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_.path() / name); }

  TemporaryFolder folder_;
  std::string config_;
};

}  // namespace pinfeed::test
