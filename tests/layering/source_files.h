// SPDX-License-Identifier: Apache-2.0
// The files of the repository, for the tests that check rules in them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace pinfeed::layering {

/// A file: its path from the root of the repository, "pinfeed/data/loader/loader.cpp", and its
/// text.
struct SourceFile {
  std::string path;
  std::string text;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The text of a file; empty if it cannot be read.
inline std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The files below `folder` (from the root of the repository) with one of the endings, by path.
inline std::vector<SourceFile> files_below(const std::string& folder,
                                           const std::set<std::string>& endings) {
  std::vector<SourceFile> files;
  const std::filesystem::path root = PINFEED_SOURCE_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    if (!entry.is_regular_file() || !endings.contains(entry.path().extension().string())) continue;
    files.push_back({entry.path().lexically_relative(root).string(), content(entry.path())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

/// "pinfeed/core/error.h:12: ".
inline std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

/// The findings, one a line: gmock prints no more than 32 elements of a list.
inline std::string listed(const std::vector<std::string>& findings) {
  std::string text;
  for (const std::string& finding : findings) text += finding + "\n";
  return text;
}

}  // namespace pinfeed::layering
