// SPDX-License-Identifier: Apache-2.0
// The golden files that are text.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pinfeed::test {

/// The path of a file in tests/golden.
inline std::string golden_path(const std::string& name) {
  return PINFEED_SOURCE_DIR "/tests/golden/" + name;
}

/// The lines of such a file that are neither empty nor comments, to be read word by word; str() has
/// the whole line.
inline std::vector<std::istringstream> golden_lines(const std::string& name) {
  std::ifstream file(golden_path(name));
  std::vector<std::istringstream> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines.emplace_back(line);
  }
  return lines;
}

/// The numbers that are left in a line.
inline std::vector<double> numbers_of(std::istringstream& words) {
  std::vector<double> numbers;
  for (std::string number; words >> number;) numbers.push_back(std::stod(number));
  return numbers;
}

}  // namespace pinfeed::test
