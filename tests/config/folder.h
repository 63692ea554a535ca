// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/read.h"
#include "tests/temporary_folder.h"

namespace pinfeed::test {

/// A folder of config files, which is the working directory during its lifetime.
using ConfigFolder = WorkingFolder;

/// The tree of a config file as text, or the whole message of its error.
inline std::string tree_or_message(const std::string& path, const ReadOptions& options = {}) {
  try {
    return repr(read_config(path, options).root);
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace pinfeed::test
