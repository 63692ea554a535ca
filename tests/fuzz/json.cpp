// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return pinfeed::fuzz::read(data, size, "a.json");
}
