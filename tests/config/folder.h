// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "pinfeed/config/read.h"

namespace pinfeed::test {

/// A folder of config files that goes away with its owner. It is the working directory while it
/// lives, so that errors show short names.
class ConfigFolder {
 public:
  ConfigFolder() : before_(std::filesystem::current_path()) {
    std::string pattern = std::filesystem::temp_directory_path() / "pinfeed-config-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
    std::filesystem::current_path(path_);
  }
  ~ConfigFolder() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

/// The tree of a config file as text, or the whole message of its error.
inline std::string tree_or_message(const std::string& path, const ReadOptions& options = {}) {
  try {
    return repr(read_config(path, options).root);
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace pinfeed::test
