// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "pinfeed/config/one_of.h"

namespace pinfeed {

/// Layer normalisation of tokens. A norm_cfg that is written without eps has mmcv's default, 1e-5.
/// A ViT, MAEViT or MAEPretrainDecoder without norm_cfg has upstream's default for these parts,
/// 1e-6.
struct LN {
  static constexpr auto name = "LN";
  double eps = 1e-5;
  bool requires_grad = true;
};
void describe(Schema<LN>& schema);

/// Layer normalisation over the channels of each pixel of a feature map.
struct LN2d {
  static constexpr auto name = "LN2d";
  double eps = 1e-5;
  bool requires_grad = true;
};
void describe(Schema<LN2d>& schema);

/// Group normalisation of a feature map.
struct GN {
  static constexpr auto name = "GN";
  int num_groups = 32;
  double eps = 1e-5;
  bool requires_grad = true;
};
void describe(Schema<GN>& schema);

/// Throws Error(config) unless the groups divide `channels`, the value of `key`. Null is no group
/// normalisation.
void check_groups(const GN* norm, int channels, const std::string& key);

/// The same of a norm_cfg that may be GN.
template <class... Norms>
void check_groups(const OneOf<Norms...>& norm, int channels, const std::string& key) {
  check_groups(norm.template as<GN>(), channels, key);
}
template <class Norm>
void check_groups(const std::optional<Norm>& norm, int channels, const std::string& key) {
  if (norm) check_groups(*norm, channels, key);
}

struct GELU {
  static constexpr auto name = "GELU";
};
void describe(Schema<GELU>& schema);

/// A standard convolution, the only value of conv_cfg.
struct Conv2d {
  static constexpr auto name = "Conv2d";
};
void describe(Schema<Conv2d>& schema);

/// The path of a file and its location in the config, for the errors of reading the file.
struct WrittenPath {
  std::string text = {};
  SourceSpan span = {};
  std::string config_path = {};
};

template <>
struct Converter<WrittenPath> {
  static WrittenPath from(const Value& value, const std::string& path) {
    return {convert<std::string>(value, path), value.span(), path};
  }
  static std::string wanted() { return Converter<std::string>::wanted(); }
  static Value shown(const WrittenPath& value) { return value.text; }
};

/// Initialises a model from the weights of a file.
struct Pretrained {
  static constexpr auto name = "Pretrained";
  WrittenPath checkpoint = {};
  std::optional<std::string> prefix = {};  // only the tensors below it, named without it
};
void describe(Schema<Pretrained>& schema);

}  // namespace pinfeed
