// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors_checksum.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace pinfeed {
namespace {

constexpr std::size_t checksum_digits = 32;

}  // namespace

struct SafetensorsChecksum::State {
  XXH3_state_t* hash = XXH3_createState();
  State() { XXH3_128bits_reset(hash); }
  ~State() { XXH3_freeState(hash); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

std::string zero_checksum() { return std::string(checksum_digits, '0'); }

std::size_t checksum_position(std::string_view header) {
  const std::string before = fmt::format("\"{}\":\"", checksum_key);
  const std::size_t at = header.find(before);
  if (at == std::string_view::npos) return at;
  const std::size_t digits = at + before.size();
  const bool complete =
      header.size() > digits + checksum_digits && header[digits + checksum_digits] == '"';
  return complete ? digits : std::string_view::npos;
}

SafetensorsChecksum::SafetensorsChecksum() : state_(std::make_shared<State>()) {}

void SafetensorsChecksum::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_->hash, bytes.data(), bytes.size());
}

void SafetensorsChecksum::add(std::string_view text) { add(std::as_bytes(std::span(text))); }

std::string SafetensorsChecksum::digits() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->hash);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace pinfeed
