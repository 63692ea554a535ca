// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/cache_check.h"

#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <string>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/image/codec/jpeg/coefficient_record.h"

namespace pinfeed::cli {
namespace {

// Returns the number of damaged records.
std::int64_t check_records(image::CoefficientCache& cache) {
  std::int64_t intact = 0;
  std::int64_t damaged = 0;
  cache.for_each([&](const image::CachedImage& cached) {
    bool good = cache.is_intact(cached);
    if (good) good = image::jpeg::CoefficientRecord::read(cached.record)->blocks_are_valid();
    ++(good ? intact : damaged);
    if (!good) print("damaged: " + cached.entry.path);
  });
  print(fmt::format("{} records are intact, {} are damaged", intact, damaged));
  if (damaged > 0) say("pinfeed cache CONFIG replaces those that are damaged");
  return damaged;
}

// Returns the number of files with other contents than their records, although size and time of
// modification are equal.
std::int64_t check_files(const Dataset& dataset, image::CoefficientCache& cache) {
  Arena arena;
  std::set<const image::CachedImage*> compared;  // a data set may have an image several times
  std::int64_t changed = 0;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    const CachedFile file = find_cached(sample, cache);
    if (file.cached == nullptr || !compared.insert(file.cached).second) continue;
    const Buffer bytes = read_bytes(file.path, ErrorKind::data);
    if (image::hash_of({bytes.data(), bytes.size}) == file.cached->entry.file_hash) continue;
    ++changed;
    print("changed: " + file.path);
  }
  print(fmt::format("{} files were compared, {} have other contents than their records",
                    compared.size(), changed));
  if (changed > 0)
    say("these files still have the size and the time of modification of their records: set "
        "another "
        "time with touch, or remove all records with pinfeed cache CONFIG --clear");
  return changed;
}

}  // namespace

CachedFile find_cached(const Sample& sample, image::CoefficientCache& cache) {
  CachedFile file{.path = std::string(sample.img_path)};
  file.key = sample.path_in_root.empty() ? sample.img_path : sample.path_in_root;
  file.version = version_of(file.path);
  if (file.version) file.cached = cache.find(file.key, file.version->bytes, file.version->mtime_ns);
  return file;
}

void check_cache(const Dataset& dataset, image::CoefficientCache& cache) {
  const std::int64_t damaged = check_records(cache);
  if (check_files(dataset, cache) + damaged > 0) throw Exit{1};
}

}  // namespace pinfeed::cli
