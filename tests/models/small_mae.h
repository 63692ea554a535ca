// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/models/selfsup/mae.h"

namespace pinfeed {

/// A masked autoencoder of 32 x 32 images in 16 patches of 8 x 8 pixels, with this many layers in
/// its encoder.
inline MAE small_mae(int layers = 1) {
  const VitArch arch = {
      .embed_dims = 8, .num_layers = layers, .num_heads = 2, .feedforward_channels = 16};
  MAE params;
  params.backbone = {MAEViT{.arch = arch, .img_size = 32, .patch_size = 8}};
  params.neck = {MAEPretrainDecoder{.num_patches = 16,
                                    .patch_size = 8,
                                    .embed_dim = 8,
                                    .decoder_embed_dim = 8,
                                    .decoder_depth = 1,
                                    .decoder_num_heads = 2}};
  params.head = {MAEPretrainHead{.norm_pix = true, .patch_size = 8}};
  return params;
}

}  // namespace pinfeed
