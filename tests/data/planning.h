// SPDX-License-Identifier: Apache-2.0
// Helpers for the tests of data sets and transforms.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "tests/temporary_folder.h"

namespace pinfeed {

/// A temporary folder.
class Folder : public test::TemporaryFolder {
 public:
  std::string path() const { return TemporaryFolder::path(); }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const {
    return write(name, text);
  }
  /// The text without the path of the folder, wherever it has it.
  std::string short_paths(std::string text) const {
    const std::string start = path() + "/";
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start)) {
      text.erase(at, start.size());
    }
    return text;
  }
};

/// The folder of the real data sets, if there is one.
inline std::optional<std::string> real_data() {
  const char* given = std::getenv("PINFEED_DATA");
  const std::string path = given != nullptr ? given : PINFEED_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return path;
}

inline const Catalogs& catalogs() {
  static const Catalogs all = builtin();
  return all;
}

/// The value of `x = <text>` in a Python config.
inline Value written(const std::string& text) {
  return *read_config_text("x = " + text + "\n").root.find("x");
}

inline Transform step(const std::string& text) {
  return catalogs().transforms.make(written(text), "step", {.catalogs = &catalogs()});
}

inline Dataset dataset(const std::string& text) {
  return catalogs().datasets.make(written(text), "dataset", {.catalogs = &catalogs()});
}

/// A sample with an image of this size, whose pixels must not be read, and these boxes.
inline Sample sample_of_size(Size size, const std::vector<Box>& boxes, Arena& arena) {
  static std::byte pixels = {};
  Sample sample(arena);
  sample.fields = Field::path | Field::image | Field::boxes | Field::labels | Field::ignore_flags;
  sample.image = image::plain(
      {.data = &pixels, .height = size.height, .width = size.width, .row_bytes = size.width * 3},
      arena);
  sample.ori_shape = sample.img_shape = size;
  for (const Box& box : boxes) {
    sample.labels.push_back(static_cast<std::int64_t>(sample.boxes.size()));
    sample.boxes.push_back(box);
    sample.ignore_flags.push_back(0);
  }
  return sample;
}

/// The message of the Error that `run` throws, or "no error".
template <class Run>
std::string failure(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

}  // namespace pinfeed
