// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/option_names.h"

namespace pinfeed {

void check_interpolation(image::Library backend, image::Interpolation interpolation) {
  using image::Interpolation;
  const bool only_opencv =
      interpolation == Interpolation::nearest || interpolation == Interpolation::area;
  const bool only_pillow =
      interpolation == Interpolation::box || interpolation == Interpolation::hamming;
  const bool known = backend == image::Library::pillow ? !only_opencv : !only_pillow;
  if (known) return;
  throw Error(ErrorKind::config,
              "the interpolation '" + Converter<Interpolation>::shown(interpolation).string() +
                  "' of backend '" + Converter<image::Library>::shown(backend).string() +
                  "' is not reproduced")
      .help(
          "backend 'cv2' has 'nearest', 'bilinear', 'bicubic', 'area', 'lanczos'; 'pillow' has "
          "'bilinear', 'bicubic', "
          "'lanczos', 'box', 'hamming'");
}

std::string EnumNames<ColorType>::advice(const Value& value) {
  const bool other_channels = value.is_string() && (value.string().starts_with("grayscale") ||
                                                    value.string() == "unchanged");
  if (!other_channels) return "";
  return "images are decoded to three channels of 8 bits; 'grayscale' has one channel, 'unchanged' "
         "has up to four, of up to 16 bits";
}

LocalFiles Converter<LocalFiles>::from(const Value& value, const std::string& path) {
  if (value.is_none()) return {};
  const Value* backend = value.find("backend");
  const bool local = backend != nullptr && backend->is_string() && backend->string() == "local";
  if (local || (value.is_dict() && value.dict().empty())) return {.given = true};
  throw wrong_type(value, path, wanted()).help("files are read from the local file system only");
}

LocalFileClient Converter<LocalFileClient>::from(const Value& value, const std::string& path) {
  if (value.is_none()) return {};
  const Value* backend = value.find("backend");
  const bool disk = backend != nullptr && backend->is_string() && backend->string() == "disk";
  const bool alone = value.is_dict() && value.dict().size() == (disk ? 1U : 0U);
  if (alone) return {.given = true};
  throw wrong_type(value, path, wanted()).help("files are read from the local file system only");
}

void check_file_backends(LocalFiles backend_args, LocalFileClient file_client_args) {
  if (!backend_args.given || !file_client_args.given) return;
  throw Error(ErrorKind::config, "backend_args and file_client_args exclude each other")
      .help("remove file_client_args");
}

}  // namespace pinfeed
