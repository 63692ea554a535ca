// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/checkpoint_format.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/core/version.h"

namespace pinfeed {
namespace {

constexpr std::string_view format_key = "pinfeed.format";
constexpr std::string_view version_key = "pinfeed.version";

std::string_view text_of(const FileMetadata& metadata, std::string_view wanted) {
  for (const auto& [key, text] : metadata)
    if (key == wanted) return text;
  return {};
}

}  // namespace

void add_checkpoint_format(FileMetadata& metadata) {
  metadata.emplace_back(format_key, std::to_string(checkpoint_format));
  metadata.emplace_back(version_key, headers_version);
}

void require_known_format(const FileMetadata& metadata, const std::string& path) {
  const std::string_view written = text_of(metadata, format_key);
  if (written.empty()) return;
  int format = 0;
  const auto end = written.data() + written.size();
  const auto [stop, failure] = std::from_chars(written.data(), end, format);
  if (failure == std::errc{} && stop == end && format <= checkpoint_format) return;
  const std::string_view version = text_of(metadata, version_key);
  throw Error(ErrorKind::data,
              fmt::format("{} was written by a newer pinfeed{}: its format is {}; this pinfeed "
                          "({}) reads formats up to {}",
                          path, version.empty() ? "" : fmt::format(" ({})", version), written,
                          headers_version, checkpoint_format))
      .help("use the pinfeed that wrote it, or a newer one");
}

}  // namespace pinfeed
