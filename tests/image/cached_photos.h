// SPDX-License-Identifier: Apache-2.0
// Photos for tests of the cache.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/image/cache/coefficient_cache.h"
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"
#include "pinfeed/image/expression/render.h"
#include "tests/image/made_jpegs.h"
#include "tests/temporary_folder.h"

namespace pinfeed::image {

// More of everything by PINFEED_LONG=N.
inline int times(int count) {
  const char* factor = std::getenv("PINFEED_LONG");
  return factor == nullptr ? count : count * std::atoi(factor);
}

// The whole image of a record into `out` (3 channels, the stored size), BGR.
inline void decode_record(std::span<const std::byte> record, const ImageView& out,
                          jpeg::CoefficientRows& rows) {
  rows.open(record, out.size(), ChannelOrder::bgr);
  for (int y = 0; y < out.height; ++y) rows.read(out.row(y));
}

// Files in memory, as a loader would read them.
struct Photo {
  std::string path = {};
  Text file = {};
  Header header = {};
  std::int64_t mtime_ns = 1;
};

inline std::vector<Photo> photos(int count, std::uint32_t seed = 1) {
  Mt19937 random(seed);
  std::vector<Photo> all;
  for (int i = 0; i < count; ++i) {
    const JpegKind kind{.size = {any(random, 20, 90), any(random, 20, 90)}, .quality = 85};
    Photo photo{.path = "train/" + std::to_string(i) + ".jpg", .file = made_jpeg(kind, random)};
    photo.header = read_header(photo.file, photo.path);
    all.push_back(std::move(photo));
  }
  return all;
}

// Renders the photo as LoadImageFromFile prepares it. Returns whether its record was used.
inline bool rendered(const Photo& photo, CoefficientCache* cache, std::uint32_t& checksum) {
  Encoded encoded{.path = photo.path, .header = photo.header};
  if (cache != nullptr) {
    CacheUse& use = encoded.cache;
    use = {.cache = cache, .path = photo.path, .mtime_ns = photo.mtime_ns};
    use.found = cache->find(photo.path, photo.file.size(), photo.mtime_ns);
    if (use.found != nullptr && !cache->is_intact(*use.found)) use.found = nullptr;
    use.wanted = use.found == nullptr && cache->accepts();
  }
  if (encoded.cache.found == nullptr) encoded.bytes = photo.file;
  Arena arena;
  const Size half = {photo.header.stored.width / 2, photo.header.stored.height / 2};
  checksum = crc32_of(render(resized(decoded(&encoded, arena), half, Interpolation::bilinear)));
  return encoded.cache.found != nullptr;
}

// Renders all and compares with the pixels without a cache. Returns how many records were used.
inline int used(const std::vector<Photo>& all, CoefficientCache& cache) {
  int count = 0;
  for (const Photo& photo : all) {
    std::uint32_t expected = 0;
    std::uint32_t found = 0;
    rendered(photo, nullptr, expected);
    if (rendered(photo, &cache, found)) ++count;
    EXPECT_EQ(found, expected) << photo.path;
  }
  cache.flush();
  return count;
}

inline std::string only_file(const std::string& folder, const std::string& extension) {
  std::string found;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == extension) found = file.path();
  }
  return found;
}

}  // namespace pinfeed::image
