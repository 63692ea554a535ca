// SPDX-License-Identifier: Apache-2.0
// Pre-training with the parts and keys of mmpretrain's MAE config, and a detector from its weights.
#include <fstream>
#include <sstream>

#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

const std::string mae = R"(
model = dict(
    type='MAE',
    backbone=dict(type='MAEViT', img_size=64, patch_size=16, mask_ratio=0.75,
                  arch=dict(embed_dims=16, num_layers=1, num_heads=2, feedforward_channels=64)),
    neck=dict(type='MAEPretrainDecoder', num_patches=16, patch_size=16, embed_dim=16, decoder_embed_dim=16,
              decoder_depth=1, decoder_num_heads=2),
    head=dict(type='MAEPretrainHead', norm_pix=True, patch_size=16,
              loss=dict(type='PixelReconstructionLoss', criterion='L2')),
    init_cfg=[dict(type='Xavier', layer='Linear', distribution='uniform'),
              dict(type='Constant', layer='LayerNorm', val=1.0, bias=0.0)])
data_preprocessor = dict(type='SelfSupDataPreprocessor', mean=[123.675, 116.28, 103.53],
                         std=[58.395, 57.12, 57.375], to_rgb=True)
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='ImageNet', data_root='folders/', split='train', pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='RandomResizedCrop', scale=64, crop_ratio_range=(0.2, 1.0), backend='pillow',
             interpolation='bicubic'),
        dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]))
optim_wrapper = dict(
    type='AmpOptimWrapper', loss_scale='dynamic',
    optimizer=dict(type='AdamW', lr=1e-3, betas=(0.9, 0.95), weight_decay=0.05),
    paramwise_cfg=dict(custom_keys={'ln': dict(decay_mult=0.0), 'bias': dict(decay_mult=0.0),
                                    'mask_token': dict(decay_mult=0.)}))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
randomness = dict(seed=0, diff_rank_seed=True)
resume = True
)";

class Pretrain : public Train {
 protected:
  void SetUp() override {
    Train::SetUp();
    if (IsSkipped()) return;
    namespace fs = std::filesystem;
    int number = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "shapes" / "train")) {
      const fs::path to = folder_.path() / "folders/train" / (number++ % 2 == 0 ? "a" : "b");
      fs::create_directories(to);
      fs::copy(entry.path(), to);
    }
    folder_.write("mae.py", mae);
  }
};

TEST_F(Pretrain, LeavesReconstructionsAndWeightsForADetector) {
  const Outcome trained = run({"train", "mae.py", "--work-dir", "out"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  for (const char* text : {"has 2 sub-folders, ImageNet has 1000", "AmpOptimWrapper computes in ",
                           "reconstructions: out/reconstructions.png"}) {
    const std::size_t first = trained.err.find(text);
    EXPECT_NE(first, std::string::npos) << text << "\n" << trained.err;
    EXPECT_EQ(trained.err.find(text, first + 1), std::string::npos) << "one warning: " << text;
  }
  EXPECT_TRUE(has("out/reconstructions.png"));
  const std::size_t named = trained.err.find("the page of this run: ") + 22;
  std::ifstream file(folder_.path() /
                     trained.err.substr(named, trained.err.find('\n', named) - named));
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_NE(page.str().find("<section id=\"reconstructions\">"), std::string::npos);
  EXPECT_NE(page.str().find("<section id=\"samples\">"), std::string::npos);
  EXPECT_EQ(page.str().find("cannot be shown"), std::string::npos);
  const Outcome detector =
      run({"train", "tiny.py", "--work-dir", "det", "--weights-dir", "out", "--cfg-options",
           "model.backbone.init_cfg.type=Pretrained",
           "model.backbone.init_cfg.checkpoint=https://host/x/epoch_1.safetensors"});
  ASSERT_EQ(detector.code, 0) << detector.err;
  EXPECT_NE(detector.err.find("loaded 15 tensors of https://host/x/epoch_1.safetensors; "),
            std::string::npos)
      << detector.err;
}

TEST_F(Pretrain, NamesWithLabelForImagesInNoSubFolder) {
  namespace fs = std::filesystem;
  fs::remove_all(folder_.path() / "folders");
  fs::create_directories(folder_.path() / "folders");
  fs::copy(folder_.path() / "shapes" / "train", folder_.path() / "folders" / "train");
  const Outcome refused = run({"train", "mae.py", "--work-dir", "out"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("with_label=False reads the 8 that lie in the folder directly"),
            std::string::npos)
      << refused.err;
  EXPECT_EQ(run({"train", "mae.py", "--work-dir", "out", "--cfg-options",
                 "train_dataloader.dataset.with_label=False"})
                .code,
            0);
}

}  // namespace
}  // namespace pinfeed::test
