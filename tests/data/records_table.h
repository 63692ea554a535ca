// SPDX-License-Identifier: Apache-2.0
// For the tests of the data sets other than CocoDataset. tools/golden/datasets.py makes the golden
// file.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "pinfeed/config/convert.h"
#include "planning.h"

namespace pinfeed {

using Golden = std::map<std::string, std::vector<std::string>>;

inline const Golden& golden() {
  static const Golden all = [] {
    Golden read;
    std::ifstream file(PINFEED_SOURCE_DIR "/tests/golden/datasets.txt");
    std::string name;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("# ")) {
        name = line.substr(2);
      } else {
        read[name].push_back(line);
      }
    }
    return read;
  }();
  return all;
}

inline std::string number(double value) { return repr(Value(value)); }

inline std::string id_of(const Sample& sample) {
  if (!sample.has_img_id) return "-";
  return sample.img_id_text.empty() ? std::to_string(sample.img_id)
                                    : std::string(sample.img_id_text);
}

// A record in the format of the golden file.
inline std::string line_of(const Sample& sample) {
  std::string line = std::string(sample.file_name) + "|" + id_of(sample) + "|" +
                     std::to_string(sample.annotated.width) + "|" +
                     std::to_string(sample.annotated.height) + "|";
  line += sample.fields.has(Field::gt_label) ? std::to_string(sample.gt_label) : "-";
  for (const Instance& one : sample.instances) {
    line += "|" + std::to_string(one.label) + "|" + number(one.x1) + "|" + number(one.y1) + "|" +
            number(one.x2) + "|" + number(one.y2) + "|" + (one.ignore ? "1" : "0");
  }
  return line;
}

inline std::vector<std::string> lines_of(const Dataset& set) {
  std::vector<std::string> lines;
  Arena arena;
  for (std::int64_t i = 0; i < set.size; ++i) lines.push_back(line_of(set.get(i, arena)));
  return lines;
}

inline std::string first_line(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

class RecordsTest : public testing::Test {
 protected:
  std::string without_folder(const std::string& text) const { return folder.short_paths(text); }
  // The first line of the error of a data set with these keys in the folder.
  std::string error(const std::string& type, const std::string& keys) const {
    return without_folder(first_line(failure([&] { of(type, keys); })));
  }
  Dataset of(const std::string& type, const std::string& keys) const {
    return dataset("dict(type='" + type + "', data_root='" + folder.path() + "', " + keys + ")");
  }
  void file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(
        std::filesystem::path(folder.path() + "/" + name).parent_path());
    folder.file(name, text);
  }

  Folder folder;
  Arena arena;
};

}  // namespace pinfeed
