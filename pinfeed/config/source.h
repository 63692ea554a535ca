// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// The text of a config file, shown in errors as `name`: without byte-order mark, with "\n" at line
/// ends. Throws Error(config), at `from` if that is known, if it is not a regular file, cannot be
/// read, is larger than 16 MiB, or is not UTF-8.
std::shared_ptr<const SourceText> load_source(const std::string& path, const std::string& name,
                                              const SourceSpan& from);

/// The same for a text in memory.
std::shared_ptr<const SourceText> make_source(std::string text, std::string name);

}  // namespace pinfeed
