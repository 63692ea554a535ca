// SPDX-License-Identifier: Apache-2.0
// Enumerations of the keys of transforms and data sets, and their names in configs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "pinfeed/config/enum_names.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

enum class ColorType { color, color_ignore_orientation };
enum class Decoder { cv2, pillow };
enum class BoxType { hbox };
enum class ResizeType { Resize, FixScaleResize };
enum class CropType { absolute, absolute_range, relative, relative_range };
enum class PaddingMode { constant, edge, reflect, symmetric };

template <>
struct EnumNames<ColorType> {
  static constexpr std::array<std::pair<std::string_view, ColorType>, 2> all = {
      {{"color", ColorType::color},
       {"color_ignore_orientation", ColorType::color_ignore_orientation}}};
  /// The reason why upstream's other values are refused.
  static std::string advice(const Value& value);
};
template <>
struct EnumNames<Decoder> {
  static constexpr std::array<std::pair<std::string_view, Decoder>, 2> all = {
      {{"cv2", Decoder::cv2}, {"pillow", Decoder::pillow}}};
};
template <>
struct EnumNames<BoxType> {
  static constexpr std::array<std::pair<std::string_view, BoxType>, 1> all = {
      {{"hbox", BoxType::hbox}}};
};
template <>
struct EnumNames<image::Library> {
  static constexpr std::array<std::pair<std::string_view, image::Library>, 2> all = {
      {{"cv2", image::Library::opencv}, {"pillow", image::Library::pillow}}};
};
template <>
struct EnumNames<ResizeType> {
  static constexpr std::array<std::pair<std::string_view, ResizeType>, 2> all = {
      {{"Resize", ResizeType::Resize}, {"FixScaleResize", ResizeType::FixScaleResize}}};
};
template <>
struct EnumNames<CropType> {
  static constexpr std::array<std::pair<std::string_view, CropType>, 4> all = {
      {{"absolute", CropType::absolute},
       {"absolute_range", CropType::absolute_range},
       {"relative", CropType::relative},
       {"relative_range", CropType::relative_range}}};
};
template <>
struct EnumNames<PaddingMode> {
  static constexpr std::array<std::pair<std::string_view, PaddingMode>, 4> all = {
      {{"constant", PaddingMode::constant},
       {"edge", PaddingMode::edge},
       {"reflect", PaddingMode::reflect},
       {"symmetric", PaddingMode::symmetric}}};
};
template <>
struct EnumNames<image::Interpolation> {
  static constexpr std::array<std::pair<std::string_view, image::Interpolation>, 7> all = {
      {{"bilinear", image::Interpolation::bilinear},
       {"nearest", image::Interpolation::nearest},
       {"bicubic", image::Interpolation::bicubic},
       {"area", image::Interpolation::area},
       {"lanczos", image::Interpolation::lanczos},
       {"box", image::Interpolation::box},
       {"hamming", image::Interpolation::hamming}}};
};
template <>
struct EnumNames<image::FlipDirection> {
  static constexpr std::array<std::pair<std::string_view, image::FlipDirection>, 3> all = {
      {{"horizontal", image::FlipDirection::horizontal},
       {"vertical", image::FlipDirection::vertical},
       {"diagonal", image::FlipDirection::diagonal}}};
};

/// Throws Error(config) if the library does not have the interpolation or it is not reproduced.
void check_interpolation(image::Library backend, image::Interpolation interpolation);

/// 'file_client_args' of mmcv before 2.0.0rc4, which 'backend_args' replaced: None or
/// dict(backend='disk').
struct LocalFileClient {
  bool given = false;
};
template <>
struct Converter<LocalFileClient> {
  static LocalFileClient from(const Value& value, const std::string& path);
  static std::string wanted() { return "None or dict(backend='disk')"; }
  static Value shown(LocalFileClient) { return {}; }
};

/// 'backend_args': None or dict(backend='local'). Only local files are supported.
struct LocalFiles {
  bool given = false;
};
template <>
struct Converter<LocalFiles> {
  static LocalFiles from(const Value& value, const std::string& path);
  static std::string wanted() { return "None or dict(backend='local')"; }
  static Value shown(LocalFiles) { return {}; }
};

/// Throws Error(config) if both are given, as mmcv does.
void check_file_backends(LocalFiles backend_args, LocalFileClient file_client_args);

}  // namespace pinfeed
