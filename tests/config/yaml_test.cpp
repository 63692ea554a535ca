// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pinfeed/config/yaml_scalar.h"
#include "tests/config/folder.h"

namespace pinfeed {
namespace {

using test::ConfigFolder;
using test::tree_or_message;

std::string scalar(const std::string& text) {
  const auto value = yaml_scalar(text);
  return value ? repr(*value) : "does not fit";
}

// What PyYAML 6 gives.
TEST(YamlScalar, IsOfYaml11) {
  for (const auto& [text, want] : std::vector<std::pair<std::string, std::string>>{
           {"", "None"},
           {"~", "None"},
           {"Null", "None"},
           {"yes", "True"},
           {"On", "True"},
           {"OFF", "False"},
           {"yES", "'yES'"},
           {"y", "'y'"},
           {"12", "12"},
           {"-1_000", "-1000"},
           {"+3", "3"},
           {"0x1F", "31"},
           {"017", "15"},
           {"0b101", "5"},
           {"08", "'08'"},
           {"1:30", "90"},
           {"1:75", "'1:75'"},
           {"1e-3", "'1e-3'"},
           {"1.0e-3", "0.001"},
           {"1.0e3", "'1.0e3'"},
           {"1.", "1.0"},
           {".5", "0.5"},
           {"-.inf", "-inf"},
           {".NaN", "nan"},
           {"1.5.0", "'1.5.0'"},
           {"a b", "'a b'"},
           {"0", "0"},
           {"-0", "0"},
           {"9223372036854775808", "does not fit"},
           {"-9223372036854775808", "-9223372036854775808"}}) {
    EXPECT_EQ(scalar(text), want) << text;
  }
}

TEST(YamlConfig, ReadsTheSameAsJson) {
  const ConfigFolder folder;
  folder.write("a.yaml",
               "model:\n  type: R  # a comment\n  depth: 50\n  mean: [1.5, 2]\n"
               "quoted: 'yes'\nempty:\nother: {a: 1, 2: b}\nfolded: >-\n  one\n  two\n");
  EXPECT_EQ(tree_or_message("a.yaml"),
            "dict(model=dict(type='R', depth=50, mean=[1.5, 2]), quoted='yes', empty=None, "
            "other={'a': 1, 2: 'b'}, folded='one two')");
}

TEST(YamlConfig, KeepsSpansAndBases) {
  const ConfigFolder folder;
  folder.write("b.yml", "model:\n  depth: 50\n  n: 1\n");
  folder.write("a.yaml", "_base_: b.yml\nmodel:\n  depth: 18\nsame: {{ _base_.model.n }}\n");
  const Config config = read_config("a.yaml");
  EXPECT_EQ(repr(config.root), "dict(model=dict(depth=18, n=1), same=1)");
  const SourceSpan& span = config.root.find("model")->find("depth")->span();
  EXPECT_EQ(span.line, 3);
  EXPECT_EQ(span.column, 10);
}

TEST(YamlConfig, ReplacesFileVariables) {
  const ConfigFolder folder;
  folder.write("a.yaml", "work_dir: ./work_dirs/{{ fileBasenameNoExtension }}\n");
  EXPECT_EQ(tree_or_message("a.yaml"), "dict(work_dir='./work_dirs/a')");
}

TEST(YamlConfig, ReadsAnchorsAndMergeKeys) {
  const ConfigFolder folder;
  folder.write("a.yaml", "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: *x\n");
  EXPECT_EQ(tree_or_message("a.yaml"),
            "dict(x=dict(a=1, b=2), y=dict(a=1, b=3), z=dict(a=1, b=2))");
}

TEST(YamlConfig, BoundsExpandedAliases) {
  const ConfigFolder folder;
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + before;
    for (int j = 0; j < 9; ++j) text += ", " + before;
    text += "]\n";
  }
  folder.write("a.yaml", text);
  const std::string message = tree_or_message("a.yaml");
  EXPECT_TRUE(message.starts_with("error: the config has more than 2000000 values\n")) << message;
}

// The second text is one on which yaml-cpp looks for further documents for ever.
TEST(YamlConfig, IsOneDocument) {
  const ConfigFolder folder;
  folder.write("a.yaml", "a: 1\n---\nb: 2\n");
  EXPECT_TRUE(tree_or_message("a.yaml").starts_with("error: a YAML config is one document\n"));
  folder.write("b.yaml", " ,0o17\nb: 0}\n\n+");
  EXPECT_TRUE(tree_or_message("b.yaml").starts_with("error: "));
}

TEST(YamlConfig, RefusesAnEscapeThatIsNotUtf8) {
  const ConfigFolder folder;
  folder.write("a.yaml", "a: \"x\\Ny\"\n");
  EXPECT_TRUE(tree_or_message("a.yaml").starts_with("error: an escape in this text is not read\n"))
      << tree_or_message("a.yaml");
}

TEST(YamlConfig, NamesTheLocationOfAnError) {
  const ConfigFolder folder;
  folder.write("a.yaml", "a: 1\nb: [1, 2\nc: 3\n");
  const std::string message = tree_or_message("a.yaml");
  EXPECT_TRUE(message.starts_with("error: invalid YAML: ")) << message;
  EXPECT_NE(message.find("a.yaml:3:"), std::string::npos) << message;
  folder.write("b.yaml", "x: !python/object:os.system 1\n");
  EXPECT_EQ(tree_or_message("b.yaml"),
            "error: pinfeed does not read the tag '!python/object:os.system'\n"
            "  --> b.yaml:1:4\n"
            "   | x: !python/object:os.system 1\n"
            "   |    ^\n"
            "help: write the resulting value; docs/config.md lists what pinfeed reads\n");
  folder.write("c.yaml", "- 1\n");
  EXPECT_EQ(tree_or_message("c.yaml"),
            "error: a YAML config must be a mapping\n"
            "  --> c.yaml:1:1\n"
            "   | - 1\n"
            "   | ^\n");
  folder.write("d.yaml", "x: " + std::string(1000, '[') + "\n");
  EXPECT_TRUE(tree_or_message("d.yaml").starts_with("error: "));
}

}  // namespace
}  // namespace pinfeed
