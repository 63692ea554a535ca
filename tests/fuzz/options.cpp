// SPDX-License-Identifier: Apache-2.0
// Input: lines of --cfg-options, which are merged into a small config.
#include <sstream>

#include "pinfeed/config/options.h"
#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  std::vector<std::string> options;
  for (std::string line; std::getline(lines, line);) options.push_back(line);
  try {
    pinfeed::Value root =
        pinfeed::read_config_text("a = dict(b=[dict(c=1), 2], d=(3,))\ne = None\n").root;
    pinfeed::apply_options(root.dict(), options);
  } catch (const pinfeed::Error& error) {
    if (error.kind() != pinfeed::ErrorKind::config || error.message().empty()) std::abort();
  }
  return 0;
}
