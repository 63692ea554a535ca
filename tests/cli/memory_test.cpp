// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

namespace dom = simdjson::dom;

double number(const dom::element& object, const char* key) {
  double value = -1.0;
  EXPECT_EQ(object[key].get(value), simdjson::SUCCESS) << key;
  return value;
}

TEST(Memory, PrintsOneJsonObjectForScripts) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  dom::parser parser;
  const dom::element report = parser.parse(outcome.out);
  const std::string_view backend = report["backend"];
  EXPECT_TRUE(backend == "host" || backend == "cuda") << backend;
  EXPECT_GT(number(report, "ram_bytes"), 1e6);
  EXPECT_LE(number(report, "lockable_bytes"), number(report, "ram_bytes"));
  EXPECT_GE(number(report, "page_bytes"), 4096);
  EXPECT_GE(number(report, "huge_page_bytes"), 0);
  EXPECT_EQ(number(report["pool"], "misses"), 1);
  EXPECT_GT(number(report["rates"], "pageable_to_pageable"), 1e6);
  EXPECT_GT(number(report["allocate_seconds_per_gib"], "pageable"), 0.0);
  EXPECT_GT(number(report["allocate_seconds_per_gib"], "pooled"), 0.0);
  EXPECT_EQ(report["allocate_seconds_per_gib"]["pinned"].error(), simdjson::SUCCESS);
}

TEST(Memory, ExplainsItselfToPeople) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  for (const char* part :
       {"memory   ", "pages    ", "device   ", "copies of ", "pinfeed allocates its seats"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

}  // namespace
}  // namespace pinfeed::test
