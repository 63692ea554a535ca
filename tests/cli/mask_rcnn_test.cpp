// SPDX-License-Identifier: Apache-2.0
// The Mask R-CNN configs of configs/ train, and their checkpoints are evaluated by boxes and masks.
#include <gmock/gmock.h>

#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;

class MaskRcnn : public Train {
 protected:
  // Trains an epoch of a few images of the synthetic shapes, and evaluates its weights.
  void expect_trained(const std::string& config, const std::string& option) {
    const std::string path = std::string(PINFEED_SOURCE_DIR "/configs/") + config;
    const Outcome made = run({"shapes", "demo/shapes", "--size", "128", "--images", "6", "--val",
                              "2", "--min-radius", "0.1", "--max-radius", "0.26"});
    ASSERT_EQ(made.code, 0) << made.err;
    const Outcome checked = run({"config", path, "--check"});
    EXPECT_THAT(checked.err, HasSubstr(" keys, 0 not supported"));
    const Outcome trained =
        run({"train", path, "--work-dir", "out", "--cfg-options", "train_cfg.max_epochs=1",
             "train_cfg.val_interval=1", "default_hooks.logger.interval=1", option});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_THAT(trained.err, HasSubstr("loss_mask"));
    EXPECT_THAT(trained.err, HasSubstr("coco/segm_mAP"));
    const Outcome evaluated = run(
        {"eval", path, "out/epoch_1.safetensors", "--work-dir", "out", "--cfg-options", option});
    ASSERT_EQ(evaluated.code, 0) << evaluated.err;
    EXPECT_THAT(evaluated.out, HasSubstr("bbox"));
    EXPECT_THAT(evaluated.out, HasSubstr("segm"));
  }
};

TEST_F(MaskRcnn, TrainsWithAResNet) {
  expect_trained("shapes_mask_rcnn_r18.py", "model.backbone.with_cp=True");
}

TEST_F(MaskRcnn, TrainsWithAViT) {
  expect_trained("shapes_mask_rcnn_vit.py", "model.backbone.init_cfg=None");
}

}  // namespace
}  // namespace pinfeed::test
