// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.1; the names of architectures are
// mmpretrain's.
#include "pinfeed/schemas/mae_schema.h"

#include <fmt/format.h>

#include <array>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

struct NamedArch {
  std::string_view name;
  std::string_view long_name;
  VitArch arch;
};

constexpr std::array<NamedArch, 7> archs = {{
    {"deit-t", "deit-tiny", {192, 12, 3, 768}},
    {"deit-s", "deit-small", {384, 12, 6, 1536}},
    {"deit-b", "deit-base", {768, 12, 12, 3072}},
    {"s", "small", {768, 8, 8, 2304}},
    {"b", "base", {768, 12, 12, 3072}},
    {"l", "large", {1024, 24, 16, 4096}},
    {"h", "huge", {1280, 32, 16, 5120}},
}};

void require_equal(const char* what, int have, const char* where, int want) {
  if (have != want) throw_config_error(fmt::format("{} is {}; {} {}", what, have, where, want));
}

void require_divides(const char* what, int part, const char* whole_name, int whole) {
  if (whole % part != 0)
    throw_config_error(fmt::format("{} {} does not divide {} {}", what, part, whole_name, whole));
}

const NamedArch* find_arch(const std::string& name) {
  for (const NamedArch& entry : archs) {
    if (entry.name == name || entry.long_name == name) return &entry;
  }
  return nullptr;
}

void check_arch(const MAEViT& params) {
  if (const auto* name = std::get_if<std::string>(&params.arch); name && !find_arch(*name)) {
    std::vector<std::string> names;
    for (const NamedArch& entry : archs) names.emplace_back(entry.long_name);
    throw Error(ErrorKind::config, "there is no architecture '" + *name + "'")
        .help("arch may be: " + joined(names) + ", or a dict of widths");
  }
  const VitArch arch = arch_of(params);
  require_divides("num_heads", arch.num_heads, "embed_dims", arch.embed_dims);
  require_divides("patch_size", params.patch_size, "img_size", params.img_size);
  if (arch.embed_dims % 4 != 0) {
    throw_config_error(fmt::format(
        "embed_dims is {}; the sin-cos position embedding needs a multiple of 4", arch.embed_dims));
  }
}

void check_decoder(const MAEPretrainDecoder& params) {
  require_divides("decoder_num_heads", params.decoder_num_heads, "decoder_embed_dim",
                  params.decoder_embed_dim);
  if (params.decoder_embed_dim % 4 != 0) {
    throw_config_error(
        fmt::format("decoder_embed_dim is {}; the sin-cos position embedding needs a multiple of 4",
                    params.decoder_embed_dim));
  }
}

void check_sizes(const MAE& params) {
  const MAEViT& encoder = params.backbone.get();
  const MAEPretrainDecoder& decoder = params.neck.get();
  const int side = encoder.img_size / encoder.patch_size;
  require_equal("neck.num_patches", decoder.num_patches, "the backbone's grid has", side * side);
  require_equal("neck.patch_size", decoder.patch_size, "the backbone's is", encoder.patch_size);
  require_equal("head.patch_size", params.head.get().patch_size, "the backbone's is",
                encoder.patch_size);
  require_equal("neck.embed_dim", decoder.embed_dim, "the backbone's width is",
                arch_of(encoder).embed_dims);
}

// The loss needs at least one kept and one removed patch.
void check_mask(const MAEViT& params) {
  const int side = params.img_size / params.patch_size;
  const int kept = static_cast<int>(side * side * (1 - params.mask_ratio));
  if (kept > 0 && kept < side * side) return;
  throw_config_error(
      fmt::format("mask_ratio {} keeps {} of {} patches; at least one must be kept and one removed",
                  params.mask_ratio, kept, side * side));
}

// The initialisation that pre-training always has; mmpretrain's configs contain it.
bool is_standard_init(const Value& init) {
  return repr(init) ==
         "[dict(type='Xavier', layer='Linear', distribution='uniform'), "
         "dict(type='Constant', layer='LayerNorm', val=1.0, bias=0.0)]";
}

bool is_pretrained_init(const Value& init) {
  return init.is_dict() && init.find("type") != nullptr &&
         type_of(init, "init_cfg").name == Pretrained::name;
}

void check_init(const MAE& params) {
  const Value& init = params.init_cfg;
  if (init.is_none() || is_standard_init(init)) return;
  if (!is_pretrained_init(init)) {
    throw Error(ErrorKind::config, "MAE does not support this init_cfg")
        .help("remove it for Xavier weights, or write dict(type='Pretrained', checkpoint=...)");
  }
  schema_of<Pretrained>().parse(init, "init_cfg");
}

}  // namespace

VitArch arch_of(const MAEViT& params) {
  if (const auto* arch = std::get_if<VitArch>(&params.arch)) return *arch;
  return find_arch(std::get<std::string>(params.arch))->arch;
}

std::optional<Pretrained> pretrained_of(const MAE& params) {
  if (!is_pretrained_init(params.init_cfg)) return std::nullopt;
  return schema_of<Pretrained>().parse(params.init_cfg, "model.init_cfg");
}

void describe(Schema<VitArch>& schema) {
  schema.summary("Widths of an encoder.")
      .required("embed_dims", &VitArch::embed_dims, "channels of a token", at_least(4))
      .required("num_layers", &VitArch::num_layers, "blocks", at_least(1))
      .required("num_heads", &VitArch::num_heads, "heads of attention", at_least(1))
      .required("feedforward_channels", &VitArch::feedforward_channels,
                "hidden channels of a block's MLP", at_least(1));
}

void describe(Schema<MAEViT>& schema) {
  schema.summary("Encoder of masked pre-training; its input is the kept patches.")
      .optional("arch", &MAEViT::arch, "'base', 'large', ..., or a dict of widths")
      .optional("img_size", &MAEViT::img_size, "side of the square image, pixels", at_least(1))
      .optional("patch_size", &MAEViT::patch_size, "side of a square patch, pixels", at_least(1))
      .optional("mask_ratio", &MAEViT::mask_ratio, "fraction of the patches that is removed",
                between(0, 1))
      .optional(
          "drop_path_rate", &MAEViT::drop_path_rate,
          "fraction of samples that skip the last block; grows linearly from 0 with the depth",
          between(0, 0.99))
      .optional("norm_cfg", &MAEViT::norm_cfg,
                "normalisation of tokens; without norm_cfg eps is 1e-6, in a norm_cfg it is 1e-5")
      .accepted("interpolate_mode", "position embeddings are not resized in pre-training")
      .accepted("out_indices", "the last block feeds the decoder")
      .accepted("final_norm", "the encoder ends with a normalisation, as upstream's does")
      .accepted("output_cls_token", "the decoder gets all tokens")
      .accepted("out_type", "the decoder gets all tokens")
      .refused("drop_rate", "dropout of tokens is not implemented")
      .refused("patch_cfg", "the patch embedding has no options")
      .refused("layer_cfgs", "the blocks have no options beyond these keys")
      .refused("init_cfg", "give it on the model")
      .check(check_arch)
      .check(check_mask);
}

void describe(Schema<MAEPretrainDecoder>& schema) {
  using Decoder = MAEPretrainDecoder;
  schema.summary("Decoder that reconstructs the removed patches.")
      .optional("num_patches", &Decoder::num_patches, "patches of an image", at_least(1))
      .optional("patch_size", &Decoder::patch_size, "side of a patch, pixels", at_least(1))
      .optional("in_chans", &Decoder::in_chans, "channels of the image", between(3, 3))
      .optional("embed_dim", &Decoder::embed_dim, "width of the encoder", at_least(1))
      .optional("decoder_embed_dim", &Decoder::decoder_embed_dim, "width of the decoder",
                at_least(4))
      .optional("decoder_depth", &Decoder::decoder_depth, "blocks", at_least(0))
      .optional("decoder_num_heads", &Decoder::decoder_num_heads, "heads of attention", at_least(1))
      .optional("mlp_ratio", &Decoder::mlp_ratio, "hidden width of a block's MLP / its width",
                at_least(0.01))
      .optional("norm_cfg", &Decoder::norm_cfg,
                "normalisation of tokens; without norm_cfg eps is 1e-6, in a norm_cfg it is 1e-5")
      .refused("predict_feature_dim", "the decoder predicts pixels")
      .refused("init_cfg", "give it on the model")
      .check(check_decoder);
}

void describe(Schema<MAEPretrainHead>& schema) {
  schema.summary("Compares the reconstruction with the image.")
      .required("loss", &MAEPretrainHead::loss, "reconstruction loss")
      .optional("norm_pix", &MAEPretrainHead::norm_pix, "normalise the pixels of each target patch")
      .optional("patch_size", &MAEPretrainHead::patch_size, "side of a patch, pixels", at_least(1))
      .accepted("in_channels", "images have 3 channels");
}

void describe(Schema<MAE>& schema) {
  schema.summary("Masked autoencoder: pre-trains a ViT by reconstructing removed patches.")
      .required("backbone", &MAE::backbone, "the encoder")
      .required("neck", &MAE::neck, "the decoder")
      .required("head", &MAE::head, "the loss")
      .optional("init_cfg", &MAE::init_cfg, "None, mmpretrain's standard list, or Pretrained")
      .accepted("data_preprocessor", "the trainer builds it")
      .refused("target_generator", "the target is the image itself")
      .check(check_sizes)
      .check(check_init);
}

}  // namespace pinfeed
