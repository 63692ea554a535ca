// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "pinfeed/cli/check.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::cli {

/// "configs/a.py:12", or nothing for a value that is in no file.
std::string line_text(const SourceSpan& span);

/// Reads the keys of a transform, dataset, sampler, batch sampler or collate function without
/// building it. `kinds` are the kinds it can be of; empty: any. Does nothing for other parts.
/// Throws Error(config).
void read_part(const Value& value, const std::string& path, const std::vector<std::string>& kinds,
               const Catalogs& catalogs);

/// Runs `read`. An Error(config) becomes the verdict of the key that it names, if findings[first]
/// or a later one is of that key and supported, and a new finding if there is none.
void record_error(const std::function<void()>& read, const std::string& section, std::size_t first,
                  std::vector<Finding>& findings);

}  // namespace pinfeed::cli
