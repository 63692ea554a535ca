// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/published_checkpoint.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/schemas/checkpoint_names.h"

namespace pinfeed {
namespace {

// The first bytes of the SHA-256 of a file, as 8 hexadecimal digits.
std::string short_sha256(const std::string& path) {
  const Buffer file = map_file(path, ErrorKind::data);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(file.data(), file.size, digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorKind::system, "libcrypto cannot compute the SHA-256 of " + path);
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
}

}  // namespace

std::string publish_checkpoint(const std::string& path, const std::vector<std::string>& keys) {
  const auto has = [&](std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  SafetensorsFile file = read_safetensors(path);
  std::erase_if(file.tensors, [&](const auto& tensor) {
    return !has("state_dict") || is_training_state(tensor.first);
  });
  std::erase_if(file.metadata,
                [&](const auto& entry) { return !has("meta") && entry.first == state_key; });
  file.checksum = false;
  const std::filesystem::path stem = std::filesystem::path(path).replace_extension();
  const std::string unnamed = stem.string() + "-published" + std::string(checkpoint_ending);
  write_safetensors(unnamed, file, {.follow_links = false});
  const std::string named =
      stem.string() + "-" + short_sha256(unnamed) + std::string(checkpoint_ending);
  std::error_code error;
  std::filesystem::rename(unnamed, named, error);
  if (error) {
    throw Error(ErrorKind::system,
                fmt::format("cannot rename {} to {}: {}", unnamed, named, error.message()));
  }
  return named;
}

}  // namespace pinfeed
