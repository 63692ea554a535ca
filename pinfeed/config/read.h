// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The inputs of read_config() besides the file.
struct ReadOptions {
  std::vector<std::string> cfg_options = {};  // "key=value", applied last, in order
  std::vector<std::pair<std::string, std::string>> config_paths = {};  // package name, folder
  bool keep_delete_keys = false;  // `_delete_` where nothing is deleted, as OpenMMLab's tree has it
};

/// A config as OpenMMLab reads it: bases merged, options applied, every value with its span.
struct Config {
  Value root = Dict{};
  std::string path = {};
  std::vector<std::string> warnings = {};
};

/// Reads a config file (.py in the old style; docs/specs/openmmlab-runtime.md, 4). Never runs
/// Python. Throws Error(config) with file, line and column; Error(config) too when the file cannot
/// be read.
Config read_config(const std::string& path, const ReadOptions& options = {});

/// The same from a text, for tests and embedding. Errors show `name` as the file name.
Config read_config_text(const std::string& text, const std::string& name = "<text>");

}  // namespace pinfeed
