// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/config/folder.h"

namespace pinfeed {
namespace {

using test::ConfigFolder;
using test::tree_or_message;

TEST(Bases, AreMergedBelowTheFile) {
  const ConfigFolder folder;
  folder.write("_base_/a.py", "model = dict(type='A', depth=50)\nlr = 0.1\n");
  folder.write("_base_/b.py", "_base_ = './c.py'\nn = [1]\n");
  folder.write("_base_/c.py", "deep = True\n");
  folder.write("sub/child.py",
               "_base_ = ['../_base_/a.py', '../_base_/b.py']\nmodel = dict(depth=18)\nn = 2\n");
  EXPECT_EQ(tree_or_message("sub/child.py"),
            "dict(model=dict(type='A', depth=18), lr=0.1, deep=True, n=2)");
}

TEST(Bases, KeepTheSpanOfEachValue) {
  const ConfigFolder folder;
  folder.write("base.py", "model = dict(\n    type='A',\n    depth=50)\n");
  folder.write("child.py", "_base_ = 'base.py'\nmodel = dict(depth=18)\n");
  const Value root = read_config("child.py").root;
  const Value& model = *root.find("model");
  EXPECT_EQ(model.find("type")->span().source->name, "base.py");
  EXPECT_EQ(model.find("type")->span().line, 2);
  EXPECT_EQ(model.find("type")->span().column, 10);
  EXPECT_EQ(model.find("type")->span().length, 3);
  EXPECT_EQ(model.find("depth")->span().source->name, "child.py");
  const Dict::Entry& depth = model.dict().entries()[1];
  EXPECT_EQ(depth.span.column, 14);
  EXPECT_EQ(depth.span.length, 5);
  EXPECT_EQ(line_of(depth.span), "model = dict(depth=18)");
}

TEST(Bases, ColumnsCountCharacters) {
  const ConfigFolder folder;
  folder.write("a.py", "\xEF\xBB\xBFx = ['caf\xC3\xA9', 5]\r\ny = 2\r\n");
  const Value root = read_config("a.py").root;
  EXPECT_EQ(root.find("x")->items()[1].span().column, 14);
  EXPECT_EQ(root.find("y")->span().line, 2);
  EXPECT_EQ(line_of(root.find("y")->span()), "y = 2");
}

TEST(Bases, ACycleNamesItsChain) {
  const ConfigFolder folder;
  folder.write("a.py", "_base_ = 'sub/b.py'\n");
  folder.write("sub/b.py", "x = 1\n_base_ = ['c.py']\n");
  folder.write("sub/c.py", "_base_ = ['../sub/../a.py']\n");
  EXPECT_EQ(tree_or_message("a.py"),
            "error: _base_ refers back to its own file: a.py -> sub/b.py -> sub/c.py -> a.py\n"
            "  --> sub/c.py:1:11\n"
            "   | _base_ = ['../sub/../a.py']\n"
            "   |           ^^^^^^^^^^^^^^^^\n");
}

TEST(Bases, AFileThatNamesItselfIsACycle) {
  const ConfigFolder folder;
  folder.write("a.py", "_base_ = './a.py'\n");
  EXPECT_EQ(tree_or_message("a.py"),
            "error: _base_ refers back to its own file: a.py -> a.py\n"
            "  --> a.py:1:10\n"
            "   | _base_ = './a.py'\n"
            "   |          ^^^^^^^^\n");
}

TEST(Bases, ANameInTwoBasesOfOneListIsRefused) {
  const ConfigFolder folder;
  folder.write("a.py", "lr = 1\nmodel = dict(x=1)\n");
  folder.write("b.py", "\nmodel = dict(y=2)\n");
  folder.write("c.py", "_base_ = ['a.py', 'b.py']\n");
  EXPECT_EQ(tree_or_message("c.py"),
            "error: 'model' is defined in two bases; the first is a.py:2:1\n"
            "  --> b.py:2:1\n"
            "   | model = dict(y=2)\n"
            "   | ^^^^^\n"
            "help: bases in one list must not define the same name\n");
}

TEST(Bases, AMissingOneIsNamedWhereItIsWritten) {
  const ConfigFolder folder;
  folder.write("sub/a.py", "_base_ = [\n    'nowhere.py',\n]\n");
  EXPECT_EQ(tree_or_message("sub/a.py"),
            "error: there is no file 'sub/nowhere.py'\n"
            "  --> sub/a.py:2:5\n"
            "   |     'nowhere.py',\n"
            "   |     ^^^^^^^^^^^^\n");
  EXPECT_EQ(tree_or_message("none.py"), "error: there is no file 'none.py'\n");
}

TEST(Bases, OtherFilesAreRefused) {
  const ConfigFolder folder;
  EXPECT_EQ(tree_or_message("b.txt"),
            "error: 'b.txt' is not a config: its name must end in .py, .json, .yaml or .yml\n");
  std::filesystem::create_directory("folder.py");
  EXPECT_EQ(tree_or_message("folder.py"), "error: 'folder.py' is not a regular file\n");
}

TEST(Bases, TextThatIsNoUtf8IsNamed) {
  const ConfigFolder folder;
  folder.write("a.py", "x = 1\ny = 'caf\xE9'\n");
  EXPECT_EQ(tree_or_message("a.py"), "error: a.py is not UTF-8: byte 0xE9 in line 2\n");
}

TEST(Bases, ADictOverSomethingElseNamesBothLocations) {
  const ConfigFolder folder;
  folder.write("a.py", "model = dict(neck=[1, 2])\n");
  folder.write("b.py", "_base_ = 'a.py'\nmodel = dict(neck=dict(type='FPN'))\n");
  EXPECT_EQ(tree_or_message("b.py"),
            "error: 'neck' is a dict here, and list [1, 2] in the base (a.py:1:19)\n"
            "  --> b.py:2:14\n"
            "   | model = dict(neck=dict(type='FPN'))\n"
            "   |              ^^^^\n"
            "   at model.neck\n"
            "help: _delete_=True in the dict replaces what the base has\n");
}

// A help line depends on the error, not on words of a path or of a text in the config.
TEST(Bases, TheNameOfAFolderDoesNotChangeTheHelp) {
  const ConfigFolder folder;
  const std::string a = "what it holds now/a.py";
  folder.write(a, "_base_ = 'b.py'\nmodel = dict(neck=dict(type='FPN'))\n");
  folder.write("what it holds now/b.py", "model = dict(neck=[1, 2])\n");
  EXPECT_EQ(tree_or_message(a),
            "error: 'neck' is a dict here, and list [1, 2] in the base (what it holds "
            "now/b.py:1:19)\n"
            "  --> what it holds now/a.py:2:14\n"
            "   | model = dict(neck=dict(type='FPN'))\n"
            "   |              ^^^^\n"
            "   at model.neck\n"
            "help: _delete_=True in the dict replaces what the base has\n");
  folder.write("what it holds now/b.py", "_base_ = 'a.py'\n");
  EXPECT_EQ(tree_or_message(a),
            "error: _base_ refers back to its own file: what it holds now/a.py -> what it holds "
            "now/b.py -> what it holds now/a.py\n"
            "  --> what it holds now/b.py:1:10\n"
            "   | _base_ = 'a.py'\n"
            "   |          ^^^^^^\n");
}

TEST(Bases, OfAPackageAreFoundInItsFolder) {
  const ConfigFolder folder;
  folder.write("packages/mmdet/.mim/configs/_base_/m.py",
               "model = dict(type='A', head=dict(type='B'))\nlist_ = [dict(type='C')]\nplain = "
               "dict(x=dict(type='D'))\n");
  folder.write("a.py", "_base_ = 'mmdet::_base_/m.py'\nx = 1\n");
  const ReadOptions options{.config_paths = {{"mmdet", "packages/mmdet"}}};
  const std::string tree =
      "dict(model=dict(type='A', head=dict(type='B'), _scope_='mmdet'), "
      "list_=[dict(type='C', _scope_='mmdet')], plain=dict(x=dict(type='D', _scope_='mmdet')), "
      "x=1)";
  EXPECT_EQ(tree_or_message("a.py", options), tree);
  ::setenv("PINFEED_CONFIG_PATH", "other=/nowhere:mmdet=packages/mmdet", 1);
  EXPECT_EQ(tree_or_message("a.py"), tree);
  ::unsetenv("PINFEED_CONFIG_PATH");
  EXPECT_EQ(tree_or_message("a.py"),
            "error: the base 'mmdet::_base_/m.py' is not found\n"
            "  --> a.py:1:10\n"
            "   | _base_ = 'mmdet::_base_/m.py'\n"
            "   |          ^^^^^^^^^^^^^^^^^^^^\n"
            "help: pass the folder of the package: --config-path mmdet=DIR, or "
            "PINFEED_CONFIG_PATH=mmdet=DIR\n");
}

TEST(Bases, BeyondTheLimitAreRefused) {
  const ConfigFolder folder;
  for (int i = 0; i < 20; ++i) {
    const std::string next = "'" + std::to_string(i + 1) + ".py'";
    folder.write(std::to_string(i) + ".py", "_base_ = [" + next + ", " + next + "]\n");
  }
  folder.write("20.py", "");
  EXPECT_EQ(tree_or_message("0.py").substr(0, 46),
            "error: the config has more than 1000 bases\n  -");
}

TEST(Bases, WarnOfWhatPinfeedDoesNotDo) {
  const ConfigFolder folder;
  folder.write(
      "a.py",
      "_deprecation_ = dict(expected='b.py', reference='the docs')\n"
      "custom_imports = dict(imports=['my.models', 'my.data'], allow_failed_imports=False)\n");
  const Config config = read_config("a.py");
  EXPECT_EQ(
      repr(config.root),
      "dict(custom_imports=dict(imports=['my.models', 'my.data'], allow_failed_imports=False))");
  ASSERT_EQ(config.warnings.size(), 2U);
  EXPECT_EQ(config.warnings[0], "a.py is deprecated; use b.py (the docs)");
  EXPECT_EQ(config.warnings[1], "custom_imports is not executed: my.models, my.data");
}

TEST(Bases, DoNotWarnOfModulesWhosePartsPinfeedHas) {
  const auto warnings = [](const std::string& imports) {
    return read_config_text("custom_imports = dict(imports=" + imports + ")\n").warnings;
  };
  EXPECT_TRUE(warnings("['projects.ViTDet.vitdet']").empty());
  EXPECT_TRUE(warnings("'mmpretrain.models'").empty());
  EXPECT_TRUE(warnings("['mmdet.datasets', 'mmyolo']").empty());
  EXPECT_TRUE(warnings("['pinfeed.mmengine']").empty());
  const std::vector<std::string> others = warnings(
      "['mmdet.models', 'projects.ViTDetector', 'mmdet_extra', 'projects.ViTDet.vitdet', 'mine']");
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0], "custom_imports is not executed: projects.ViTDetector, mmdet_extra, mine");
}

}  // namespace
}  // namespace pinfeed
