// SPDX-License-Identifier: Apache-2.0
// The rules of docs/specs/openmmlab-data.md, 2.6.
#include <gtest/gtest.h>

#include "coco_dataset.h"

namespace pinfeed {
namespace {

class MaeDatasetTest : public CocoDatasetTest {
 protected:
  Dataset mae(const std::string& keys) {
    folder.file("ann.json", coco(""));
    return dataset("dict(type='mmdet.MAEDataset4DS', data_root='" + folder.path() +
                   "', ann_file='ann.json', data_prefix=dict(img='img')" + keys + ")");
  }
};

TEST_F(MaeDatasetTest, OffersTheStatisticsOfThePreTraining) {
  const Metainfo metainfo = mae("").metainfo;
  ASSERT_TRUE(metainfo.statistics.has_value());
  EXPECT_EQ(metainfo.statistics->mean[0], 123.675F);
  EXPECT_EQ(metainfo.statistics->std[2], 57.375F);
  EXPECT_TRUE(metainfo.statistics->to_rgb);
  EXPECT_FALSE(metainfo.normalized);
  EXPECT_EQ(mae(", img_norm_cfg=dict(mean=[1, 2, 3.5])").metainfo.statistics->mean[2], 3.5F);
}

TEST_F(MaeDatasetTest, NormalisesBeforeItPacks) {
  const std::string steps =
      ", pipeline=[dict(type='LoadImageFromFile'), dict(type='PackDetInputs')]";
  EXPECT_TRUE(mae(steps + ", normalize='dataset'").metainfo.normalized);
  EXPECT_FALSE(mae(steps + ", normalize='none'").metainfo.normalized);
  const std::string twice = failure([&] {
    mae(", normalize='dataset', pipeline=[dict(type='LoadImageFromFile'), dict(type='Normalize', "
        "mean=[0, 0, 0], std=[1, 1, 1])]");
  });
  EXPECT_NE(twice.find("error: normalize='dataset' and a Normalize step would normalise twice\n"),
            std::string::npos)
      << twice;
}

TEST_F(MaeDatasetTest, RefusesToMask) {
  EXPECT_EQ(mae(", mask_ratio=0").size, 2);
  EXPECT_EQ(mae(", mask_ratio=None").size, 2);
  const std::string message = failure([&] { mae(", mask_ratio=0.75"); });
  EXPECT_EQ(message.substr(0, message.find('\n')),
            "error: MAEDataset4DS does not mask: mask_ratio must be absent or 0, random masking "
            "belongs to pre-training");
}

}  // namespace
}  // namespace pinfeed
