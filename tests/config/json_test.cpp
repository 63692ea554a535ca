// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/config/folder.h"

namespace pinfeed {
namespace {

std::string json(const std::string& text) {
  const test::ConfigFolder folder;
  folder.write("a.json", text);
  folder.write("b.py", "model = dict(type='A', depth=50)\n");
  return test::tree_or_message("a.json");
}

TEST(JsonConfigs, AreReadWithTheirBases) {
  EXPECT_EQ(json("{\"_base_\": [\"b.py\"], \"model\": {\"depth\": 18}, \"list\": [1, 1.0, true, "
                 "null, \"\\u00e9\"]}"),
            "dict(model=dict(type='A', depth=18), list=[1, 1.0, True, None, '\u00e9'])");
}

TEST(JsonConfigs, KeepTheSpanOfEachValue) {
  const test::ConfigFolder folder;
  folder.write("a.json", "{\n  \"caf\u00e9\": 1,\n  \"model\": {\"depth\": 50}\n}\n");
  const Value root = read_config("a.json").root;
  const Dict::Entry& model = root.dict().entries()[1];
  EXPECT_EQ(model.span.line, 3);
  EXPECT_EQ(model.span.column, 3);
  EXPECT_EQ(model.span.length, 7);
  EXPECT_EQ(model.value.find("depth")->span().column, 22);
  EXPECT_EQ(model.value.find("depth")->span().length, 2);
}

TEST(JsonConfigs, BrokenOnesAreErrors) {
  EXPECT_EQ(json("{\"a\": 1,\n \"b\": }").substr(0, 20), "error: invalid JSON:");
  EXPECT_EQ(json("{\"a\": 1").substr(0, 20), "error: invalid JSON:");
  EXPECT_EQ(json("").substr(0, 39), "error: a JSON config must be an object\n");
  EXPECT_EQ(json("[1]"),
            "error: a JSON config must be an object\n"
            "  --> a.json:1:1\n"
            "   | [1]\n"
            "   | ^\n");
  EXPECT_EQ(json("{\"a\": 9223372036854775808}"),
            "error: the integer 9223372036854775808 does not fit 64 bits\n"
            "  --> a.json:1:7\n"
            "   | {\"a\": 9223372036854775808}\n"
            "   |       ^^^^^^^^^^^^^^^^^^^\n"
            "help: write it as a float (1e30) or as a str\n");
  EXPECT_EQ(json("{\"a\": 1} {}").substr(0, 43), "error: there is text after the JSON object\n");
}

TEST(JsonConfigs, ReplaceTheirTemplates) {
  ::unsetenv("PINFEED_NOT_SET");
  EXPECT_EQ(json("{\"a\": \"{{ fileBasenameNoExtension }}/{{$PINFEED_NOT_SET:b}}\"}"),
            "dict(a='a/b')");
  EXPECT_EQ(json("{\"a\": \"{{$PINFEED_NOT_SET:}}\"}"),
            "error: the environment variable 'PINFEED_NOT_SET' is not set\n"
            "  --> a.json:1:7\n"
            "   | {\"a\": \"{{$PINFEED_NOT_SET:}}\"}\n"
            "   |       ^^^^^^^^^^^^^^^^^^^^^^^\n"
            "help: set it, or give a default: {{$PINFEED_NOT_SET:default}}\n");
}

TEST(JsonConfigs, AreBoundedInDepth) {
  const std::string deep = "{\"a\": " + std::string(300, '[') + std::string(300, ']') + "}";
  EXPECT_EQ(json(deep).substr(0, 43), "error: the value is nested deeper than 200\n");
}

TEST(JsonConfigs, ReadReferencesToBasesWithoutQuotes) {
  const test::ConfigFolder folder;
  folder.write("b.json", R"({"x": {"y": [1, 2]}})");
  folder.write("a.json", R"({"_base_": "b.json", "z": {{ _base_.x.y }}, "w": [{{_base_.x}}]})");
  EXPECT_EQ(test::tree_or_message("a.json"),
            "dict(x=dict(y=[1, 2]), z=[1, 2], w=[dict(y=[1, 2])])");
  folder.write("c.json", R"({"_base_": "b.json", "z": {{ _base_.x.n }}})");
  const std::string message = test::tree_or_message("c.json");
  EXPECT_TRUE(message.starts_with("error: the bases have no 'x.n'\n  --> c.json:1:27\n"))
      << message;
}

}  // namespace
}  // namespace pinfeed
