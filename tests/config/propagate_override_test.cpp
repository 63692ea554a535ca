// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/propagate_override.h"

#include <gtest/gtest.h>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

constexpr auto config =
    "root = 'data/'\n"
    "loader = dict(data_root=root, files=[root + 'a.json', 'other/b.json'])\n";

Value followed(const std::string& settings, const std::string& root) {
  const Value before = read_config_text(config + settings).root;
  Value after = before;
  after.dict().set("root", Value(root));
  propagate_overrides(after, before);
  return after;
}

TEST(PropagateOverrides, ReplacesTheOldPrefixInEveryString) {
  const Value root = followed("pinfeed = dict(follow=['root'])\n", "/else/");
  EXPECT_EQ(repr(*root.find("loader")),
            "dict(data_root='/else/', files=['/else/a.json', 'other/b.json'])");
  EXPECT_EQ(root.find("root")->string(), "/else/");
}

TEST(PropagateOverrides, ChangesNothingByDefault) {
  const Value root = followed("", "/else/");
  EXPECT_EQ(repr(*root.find("loader")),
            "dict(data_root='data/', files=['data/a.json', 'other/b.json'])");
  EXPECT_FALSE(has_propagated_names(root));
}

}  // namespace
}  // namespace pinfeed
