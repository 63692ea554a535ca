// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/processor.h"

#include <filesystem>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed {
namespace {

// The processors are divided by empty lines. Without /proc nothing is known.
std::set<std::string, std::less<>> words_of_first() {
  const std::string path = "/proc/cpuinfo";
  std::set<std::string, std::less<>> words;
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return words;
  std::istringstream info(read_text(path, ErrorKind::system));
  for (std::string line; std::getline(info, line) && !line.empty();) {
    std::istringstream rest(line);
    for (std::string word; rest >> word;) words.insert(word);
  }
  return words;
}

}  // namespace

bool processor_has(std::string_view word) {
  static const std::set<std::string, std::less<>> words = words_of_first();
  return words.contains(word);
}

}  // namespace pinfeed
