// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinfeed/cli/check.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::cli {

/// Reads the keys of a part of the data path, and makes nothing. `kinds` are those it may be of;
/// none: any. Throws Error(config); says nothing of parts that the catalogs do not have.
void read_part(const Value& value, const std::string& path, const std::vector<std::string>& kinds,
               const Catalogs& catalogs);

/// Runs `read`; what it throws of the kind config becomes the verdict of the key that it names, if
/// that is one of the findings from `first` on, and else a finding of its own.
void note_objection(const std::function<void()>& read, const std::string& section,
                    std::size_t first, std::vector<Finding>& findings);

}  // namespace pinfeed::cli
