// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

double number(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  return at == std::string::npos ? -1.0 : std::strtod(json.c_str() + at + key.size() + 4, nullptr);
}

// The whole line: N is a number, M a number or null (nothing may be locked, or no device).
std::string contract() {
  std::string line =
      R"re(\{"backend": "(host|cuda)", "device": "[^"]+", "ram_bytes": N, "lockable_bytes": N, )re"
      R"re("page_bytes": N, "huge_page_bytes": N, "pool": \{"limit_bytes": N, "used_bytes": N, )re"
      R"re("kept_bytes": N, "hits": N, "misses": N\}, "rates": \{"pageable_to_fresh": N, )re"
      R"re("pageable_to_pageable": N, "pageable_to_pinned": M, "pageable_to_device": M, )re"
      R"re("pinned_to_device": M, "staged_to_device": M\}, "allocate_seconds_per_gib": )re"
      R"re(\{"pageable": N, "pinned": M, "pooled": N\}\})re";
  const std::string digits = R"re([0-9.]+(e[+-][0-9]+)?)re";
  line = std::regex_replace(line, std::regex(": N"), ": " + digits);
  return std::regex_replace(line, std::regex(": M"), ": (null|" + digits + ")") + "\n";
}

TEST(Memory, PrintsOneJsonObjectForScripts) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(std::regex_match(outcome.out, std::regex(contract()))) << outcome.out;
  EXPECT_LE(number(outcome.out, "lockable_bytes"), number(outcome.out, "ram_bytes"));
  EXPECT_GE(number(outcome.out, "page_bytes"), 4096);
  EXPECT_EQ(number(outcome.out, "misses"), 1);
  EXPECT_GT(number(outcome.out, "pageable_to_pageable"), 1e6);
}

TEST(Memory, ExplainsItselfToPeople) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  for (const char* part : {"memory   ", "pinning  ", "pages    ", "device   ", "copies of ",
                           "seconds per GiB", "pinfeed allocates its seats once"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

}  // namespace
}  // namespace pinfeed::test
