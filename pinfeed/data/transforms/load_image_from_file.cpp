// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.1, docs/specs/decisions.md, 8.
#include "pinfeed/data/transforms/load_image_from_file.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "pinfeed/core/system_call.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/image/cache/coefficient_cache.h"

namespace pinfeed {
namespace {

bool is_missing_or_empty(const std::string& path) {
  std::error_code failed;
  const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
  errno = failed.value();
  if (failed && read_failure_kind() == ErrorKind::system) {
    throw failed_call("read", path, ErrorKind::system);
  }
  return failed || bytes == 0;
}

// Both libraries decode with libjpeg and drop alpha. They convert only a few colour types
// differently.
void require_same_pixels(Decoder decoder, const image::Header& header) {
  if (decoder == Decoder::cv2 || header.colors.empty()) return;
  throw Error(ErrorKind::data, "imdecode_backend='pillow' decodes a " + std::string(header.colors) +
                                   " image to pixels that are not reproduced")
      .help("store the image as RGB, or set imdecode_backend='cv2'");
}

// The libraries read unusual EXIF blocks differently.
void set_orientation(const LoadImageFromFile& params, image::Header& header) {
  if (params.imdecode_backend == Decoder::cv2) return;
  header.orientation = header.pillow_orientation;
  if (header.orientation != 0) return;
  header.orientation = 1;
  if (params.color_type != ColorType::color) return;
  throw Error(ErrorKind::data,
              "imdecode_backend='pillow': the metadata of the image are damaged or unusual, and "
              "Pillow's orientation is not reproduced")
      .help("remove the metadata, or set imdecode_backend='cv2'");
}

}  // namespace

void describe(Schema<LoadImageFromFile>& schema) {
  schema.summary("Loads the record's image: BGR, uint8.")
      .optional("to_float32", &LoadImageFromFile::to_float32, "convert the pixels to float32")
      .optional(
          "color_type", &LoadImageFromFile::color_type,
          "BGR, with or without applying the EXIF orientation; 'grayscale' and 'unchanged' are "
          "refused")
      .optional("imdecode_backend", &LoadImageFromFile::imdecode_backend,
                "the decoder whose pixels are reproduced; they differ only for CMYK, 16-bit grey "
                "and grey with alpha, which are an error with 'pillow', as are metadata with an "
                "orientation that is not reproduced")
      .optional("ignore_empty", &LoadImageFromFile::ignore_empty,
                "drop the sample of a missing or empty file instead of failing")
      .optional("backend_args", &LoadImageFromFile::backend_args, "storage backend")
      .accepted("file_client_args", &LoadImageFromFile::file_client_args,
                "the older form of backend_args")
      .optional(
          "allow_truncated", &LoadImageFromFile::allow_truncated,
          "use the rows that a truncated JPEG file has instead of failing (pinfeed's own key)")
      .optional("max_pixels", &LoadImageFromFile::max_pixels,
                "limit of width x height of an image (pinfeed's own key)", at_least(1))
      .check([](const LoadImageFromFile& params) {
        check_file_backends(params.backend_args, params.file_client_args);
      });
}

FieldUse fields(const LoadImageFromFile&) {
  return {.needs = Field::path, .creates = Field::image};
}

namespace {

// Sets encoded.cache, and the header if the cache has the image. Returns whether it has.
bool find_in_cache(image::CoefficientCache& cache, const Sample& sample, image::Encoded& encoded) {
  image::CacheUse& use = encoded.cache;
  use.cache = &cache;
  use.path = sample.path_in_root.empty() ? sample.img_path : sample.path_in_root;
  if (cache.options().mode == image::CacheMode::only) {
    use.found = cache.find(use.path);
    if (use.found == nullptr) {
      throw Error(ErrorKind::data, "the cache '" + cache.options().folder + "' has no record of '" +
                                       std::string(use.path) +
                                       "', and cache_mode='only' reads no files");
    }
  } else if (const std::optional<FileVersion> version = version_of(c_path(sample.img_path))) {
    use.mtime_ns = version->mtime_ns;
    use.found = cache.find(use.path, version->bytes, version->mtime_ns);
    use.wanted = use.found == nullptr && cache.accepts();
  }
  if (use.found != nullptr) encoded.header = use.found->header();
  return use.found != nullptr;
}

// The header of an image whose file the record has in memory. It has no path: nothing is read.
void use_file_in_memory(const LoadImageFromFile& params, const Tensor& file, Sample& sample) {
  sample.encoded->bytes = {file.data(), file.bytes()};
  sample.encoded->header =
      image::read_header(sample.encoded->bytes, sample.img_path, params.max_pixels);
}

// Returns false if the sample is dropped.
bool use_file(const LoadImageFromFile& params, image::CoefficientCache* cache, Sample& sample) {
  const std::string& path = c_path(sample.img_path);
  const bool opens_files = cache == nullptr || cache->options().mode != image::CacheMode::only;
  if (params.ignore_empty && opens_files && is_missing_or_empty(path)) return false;
  sample.encoded->path = sample.img_path;
  if (cache != nullptr && find_in_cache(*cache, sample, *sample.encoded))
    image::check_pixels(sample.encoded->header.stored, params.max_pixels);
  else
    sample.encoded->header = image::read_header_of(path, params.max_pixels);
  return true;
}

bool load(const LoadImageFromFile& params, image::CoefficientCache* cache, Sample& sample) {
  sample.encoded = sample.arena->make<image::Encoded>();
  const TreeNode* file = sample.extra.find(file_in_memory);
  if (file != nullptr)
    use_file_in_memory(params, *file->as<Tensor>(), sample);
  else if (!use_file(params, cache, sample))
    return false;
  check_file_size(*sample.encoded);
  require_same_pixels(params.imdecode_backend, sample.encoded->header);
  set_orientation(params, sample.encoded->header);
  sample.encoded->apply_orientation = params.color_type == ColorType::color;
  sample.encoded->allow_truncated = params.allow_truncated;
  sample.image = image::decoded(sample.encoded, *sample.arena);
  if (params.to_float32) sample.image = image::as_float(sample.image);
  sample.ori_shape = sample.img_shape = sample.image.size();
  return true;
}

}  // namespace

bool apply(const LoadImageFromFile& params, Sample& sample, RandomContext&) {
  return load(params, nullptr, sample);
}

Transform make(const LoadImageFromFile& params, const BuildContext& context) {
  return {.name = LoadImageFromFile::name,
          .use = fields(params),
          .apply = [params, cache = context.cache](Sample& sample, RandomContext&) {
            return load(params, cache.get(), sample);
          }};
}

}  // namespace pinfeed
