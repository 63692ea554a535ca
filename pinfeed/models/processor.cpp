// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/processor.h"

#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>

namespace pinfeed {
namespace {

// The processors are divided by empty lines.
std::set<std::string, std::less<>> words_of_first() {
  std::set<std::string, std::less<>> words;
  std::ifstream info("/proc/cpuinfo");
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
