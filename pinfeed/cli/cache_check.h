// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/image/cache/coefficient_cache.h"

namespace pinfeed::cli {

/// The file of a sample, and what a cache knows of it.
struct CachedFile {
  std::string path = {};
  std::string_view key = {};                   // of the sample, in the cache
  std::optional<FileVersion> version = {};     // empty: there is no such file
  const image::CachedImage* cached = nullptr;  // null: this version is not cached
};

/// Looks for the file of a sample and for its record.
CachedFile find_cached(const Sample& sample, image::CoefficientCache& cache);

/// Reads all records, then the files of the data set from which they were made, and prints what
/// differs. Files that are not there are left out. Throws Exit(1) if something differs.
void check_cache(const Dataset& dataset, image::CoefficientCache& cache);

}  // namespace pinfeed::cli
