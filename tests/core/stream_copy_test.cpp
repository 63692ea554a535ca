// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/stream_copy.h"

#include <gtest/gtest.h>

#include <vector>

namespace pinfeed {
namespace {

TEST(StreamCopy, CopiesEveryLengthAtEveryAlignment) {
  std::vector<std::byte> from(1200);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>(i * 31 + 1);
  for (std::size_t size : {0U, 1U, 15U, 16U, 63U, 64U, 65U, 500U, 1000U}) {
    for (std::size_t shift = 0; shift < 70; shift += 3) {
      std::vector<std::byte> to(1200, std::byte{0});
      stream_copy(to.data() + shift, from.data() + 7, size);
      for (std::size_t i = 0; i < to.size(); ++i) {
        const bool inside = i >= shift && i < shift + size;
        ASSERT_EQ(to[i], inside ? from[7 + i - shift] : std::byte{0}) << size << " " << shift;
      }
    }
  }
}

}  // namespace
}  // namespace pinfeed
