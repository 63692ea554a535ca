// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/loss_schemas.h"

namespace pinfeed {

/// The sizes of an encoder, as an alternative to the name of an architecture.
struct VitArch {
  static constexpr auto name = "arch";
  int embed_dims = 768;
  int num_layers = 12;
  int num_heads = 12;
  int feedforward_channels = 3072;
};
void describe(Schema<VitArch>& schema);

/// The encoder of masked pre-training. Its input is the kept patches.
struct MAEViT {
  static constexpr auto name = "MAEViT";
  std::variant<std::string, VitArch> arch = "b";
  int img_size = 224;   // pixels, square
  int patch_size = 16;  // pixels, square
  double mask_ratio = 0.75;
  double drop_path_rate = 0.0;
  OneOf<LN> norm_cfg = {LN{.eps = 1e-6}};
};
void describe(Schema<MAEViT>& schema);

/// The sizes of the encoder; those of the named architecture when `arch` is a name.
VitArch arch_of(const MAEViT& params);

/// The decoder that reconstructs the removed patches.
struct MAEPretrainDecoder {
  static constexpr auto name = "MAEPretrainDecoder";
  int num_patches = 196;
  int patch_size = 16;
  int in_chans = 3;
  int embed_dim = 1024;  // width of the encoder
  int decoder_embed_dim = 512;
  int decoder_depth = 8;
  int decoder_num_heads = 16;
  double mlp_ratio = 4.0;
  OneOf<LN> norm_cfg = {LN{.eps = 1e-6}};
};
void describe(Schema<MAEPretrainDecoder>& schema);

/// The loss between the reconstruction and the image.
struct MAEPretrainHead {
  static constexpr auto name = "MAEPretrainHead";
  OneOf<PixelReconstructionLoss> loss = {};
  bool norm_pix = false;
  int patch_size = 16;
};
void describe(Schema<MAEPretrainHead>& schema);

/// Masked autoencoder (docs/specs/openmmlab-data.md, 5.1). Its parameters have the names of the
/// original checkpoints.
struct MAE {
  static constexpr auto name = "MAE";
  OneOf<MAEViT> backbone = {};
  OneOf<MAEPretrainDecoder> neck = {};
  OneOf<MAEPretrainHead> head = {};
  Value init_cfg = {};
};
void describe(Schema<MAE>& schema);

/// The checkpoint that init_cfg names, if it names one.
std::optional<Pretrained> pretrained_of(const MAE& params);

}  // namespace pinfeed
