// SPDX-License-Identifier: Apache-2.0
// No config can exhaust the stack, the memory or the patience of its reader.
#include <gtest/gtest.h>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

std::string times(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

std::string first_line(const std::string& text) {
  try {
    read_config_text(text, "a.py");
  } catch (const Error& error) {
    return error.text();
  }
  return "no error";
}

TEST(ConfigLimits, NestingIsBounded) {
  const std::string brackets = "brackets are nested deeper than 200";
  const std::string expression = "the expression is nested deeper than 200";
  EXPECT_EQ(first_line("x = " + times("(", 1000) + "1" + times(")", 1000)), brackets);
  EXPECT_EQ(first_line("x = " + times("[", 1000000)), brackets);
  EXPECT_EQ(first_line("x = " + times("{'a':", 1000)), expression);
  EXPECT_EQ(first_line("x = " + times("-", 100000) + "1"), expression);
  EXPECT_EQ(first_line("x = " + times("1**", 100000) + "1"), expression);
  EXPECT_EQ(first_line("x = " + times("[", 150) + times("]", 150)), "no error");
}

TEST(ConfigLimits, LongChainsNeedNoStack) {
  EXPECT_EQ(first_line("x = " + times("1+", 200000) + "1"), "no error");
  EXPECT_EQ(first_line("x = _base_" + times(".a", 200000)), "the bases have no 'a'");
  EXPECT_EQ(first_line("x = [1]" + times("[0]", 200000)), "int 1 cannot be subscripted");
  EXPECT_EQ(first_line("x = " + times("'a' ", 200000)), "no error");
}

TEST(ConfigLimits, ValuesAreBounded) {
  const std::string memory = "the values of the config need more than 256 MiB";
  EXPECT_EQ(first_line("x = 'a' * 10**9"), memory);
  EXPECT_EQ(first_line("x = 'abc' * 10**18"), memory);
  EXPECT_EQ(first_line("x = [0] * 10**9"), memory);
  EXPECT_EQ(first_line("x = [i for i in range(10**18)]"), memory);
  EXPECT_EQ(first_line("x = [0 for a in range(10**5) for b in range(10**5) for c in []]"), memory);
  EXPECT_EQ(first_line("x = 'a' * 1000\n" + times("x = x + x\n", 60)), memory);
  EXPECT_EQ(first_line("x = [1]\n" + times("x += x\n", 60)), memory);
}

TEST(ConfigLimits, ExpandedAliasesAreBounded) {
  EXPECT_EQ(first_line("a = [1] * 10\n" + times("a = [a] * 10\n", 25)),
            "the config has more than 2000000 values");
}

TEST(ConfigLimits, ValuesInsideThemselvesAreRefused) {
  const std::string nested = "the value is nested deeper than 200";
  EXPECT_EQ(first_line("a = [0]\na[0] = a"), nested);
  EXPECT_EQ(first_line("_base_.a = dict()\n_base_.a.b = _base_.a"), nested);
  EXPECT_EQ(first_line("_base_.a = {{_base_.a}}"), nested);
  EXPECT_EQ(first_line("import copy\na = [0]\na[0] = a\nb = copy.deepcopy(a)"), nested);
  EXPECT_EQ(first_line("a = []\n" + times("a = [a]\n", 100000)), nested);
}

// With a search of all earlier keys for each one this would go on for minutes.
TEST(ConfigLimits, ManyKeysTakeLinearTime) {
  constexpr int count = 200000;
  std::string call = "x = dict(";
  std::string json = "{";
  std::string yaml;
  for (int i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i);
    call += key + "=1, ";
    json += (i == 0 ? "\"" : ", \"") + key + "\": 1";
    yaml += key + ": 1\n";
  }
  EXPECT_EQ(read_config_text(call + ")", "a.py").root.find("x")->dict().size(), count);
  EXPECT_EQ(read_config_text(json + "}", "a.json").root.dict().size(), count);
  EXPECT_EQ(read_config_text(yaml, "a.yaml").root.dict().size(), count);
  EXPECT_EQ(first_line(call + "k199999=2)"), "the key 'k199999' is given twice");
}

TEST(ConfigLimits, NumbersAreBounded) {
  EXPECT_EQ(first_line("x = 10**10**10"), "the integer 10 ** 10000000000 does not fit 64 bits");
  EXPECT_EQ(first_line("x = 1 << 10**18"),
            "the integer 1 << 1000000000000000000 does not fit 64 bits");
  EXPECT_EQ(first_line("x = " + times("9", 100000)),
            "the integer 9999999999999999999999999... of 100000 digits does not fit 64 bits");
}

}  // namespace
}  // namespace pinfeed
