// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/image_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return pinfeed::fuzz::render(data, size, pinfeed::image::Format::jpeg);
}
