// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/json_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace pinfeed {
namespace {

TEST(JsonString, PutsTextInQuotes) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("a b"), "\"a b\"");
  EXPECT_EQ(json_string("größe 图 🦆"), "\"größe 图 🦆\"");
}

TEST(JsonString, EscapesControlCharacters) {
  EXPECT_EQ(json_string("\"\\/\n\r\t"), R"("\"\\/\n\r\t")");
  EXPECT_EQ(json_string(std::string("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
}

// Cut short, a stray byte, overlong, a surrogate, beyond the last character.
TEST(JsonString, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(json_string("a\xC3"), "\"a" + bad + "\"");
  EXPECT_EQ(json_string("\x80z"), "\"" + bad + "z\"");
  EXPECT_EQ(json_string("\xC0\xAF"), "\"" + bad + bad + "\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");
}

TEST(JsonNumber, HasSeventeenDigitsWhereTheyAreNeeded) {
  EXPECT_EQ(json_number(0.1), "0.10000000000000001");
  EXPECT_EQ(json_number(0.5), "0.5");
  EXPECT_EQ(json_number(-3.0), "-3");
  EXPECT_EQ(json_number(1e300), "1.0000000000000001e+300");
  EXPECT_EQ(json_number(-0.0), "-0");
}

TEST(JsonNumber, ReadsBackToTheSameDouble) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(std::strtod(json_number(value).c_str(), nullptr), value);
  }
}

TEST(JsonNumber, WritesNanAndInfinityAsPythonDoes) {
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "Infinity");
  EXPECT_EQ(json_number(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(json_number(std::nan("")), "NaN");
}

}  // namespace
}  // namespace pinfeed
