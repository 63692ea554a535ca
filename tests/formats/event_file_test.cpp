// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/event_file.h"

#include <gtest/gtest.h>

#include <array>

namespace pinfeed {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(byte) >> 4U];
    text += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

// The bytes that tensorboard 2.20's EventFileWriter writes for the same events.
TEST(EventFile, HasTheBytesOfTensorBoard) {
  EXPECT_EQ(hex(event_record(version_event(1.5))),
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c");
  const std::array<std::pair<std::string, double>, 2> scalars = {{{"loss", 0.25}, {"lr", 1e-4}}};
  EXPECT_EQ(hex(event_record(scalars_event(2.5, 300, scalars))),
            "2600000000000000734fe30009000000000000044010ac022a180a0b0a046c6f7373150000803e0a090a02"
            "6c721517b7d138420d2c19");
  EXPECT_EQ(hex(event_record(text_event(3.5, 0, "config", "a = 1"))),
            "300000000000000095f5d05f090000000000000c402a250a230a06636f6e666967420f0807120412020801"
            "420561203d20314a080a060a0474657874249753be");
  EXPECT_EQ(hex(event_record(image_event(4.5, 7, "view", 3, 2, "PNG"))),
            "220000000000000078113dfd09000000000000124010072a150a130a0476696577220b0802100318032203"
            "504e4704dbf941");
}

}  // namespace
}  // namespace pinfeed
