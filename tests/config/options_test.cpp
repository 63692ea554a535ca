// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/config/folder.h"

namespace pinfeed {
namespace {

using test::ConfigFolder;
using test::tree_or_message;

// The tree or the error of a small config under the options.
std::string with(std::vector<std::string> options) {
  const ConfigFolder folder;
  folder.write("a.py", "model = dict(depth=50)\npipeline = [dict(type='A'), dict(type='B')]\n");
  return tree_or_message("a.py", {.cfg_options = std::move(options)});
}

TEST(CfgOptions, SetKeysAndItems) {
  EXPECT_EQ(
      with({"model.depth=18", "pipeline.1.scale=(640,480)", "new.deep=[1,2.0,x]"}),
      "dict(model=dict(depth=18), pipeline=[dict(type='A'), dict(type='B', scale=(640, 480))], "
      "new=dict(deep=[1, 2.0, 'x']))");
}

TEST(CfgOptions, NeedAnEqualsSign) {
  EXPECT_EQ(with({"model.depth"}),
            "error: --cfg-options needs key=value, not 'model.depth'\n"
            "  --> --cfg-options:1:1\n"
            "   | model.depth\n"
            "   | ^^^^^^^^^^^\n");
}

TEST(CfgOptions, NeedEveryStepOfTheKey) {
  EXPECT_EQ(with({"model..depth=1"}),
            "error: the key of 'model..depth=1' has an empty step\n"
            "  --> --cfg-options:1:7\n"
            "   | model..depth=1\n"
            "   |       ^\n");
}

TEST(CfgOptions, CannotSetAKeyOfANumber) {
  EXPECT_EQ(with({"model.depth.x=1"}),
            "error: 'depth' is int 50 and has no keys to set\n"
            "  --> --cfg-options:1:7\n"
            "   | model.depth.x=1\n"
            "   |       ^^^^^\n"
            "   at model.depth\n");
}

TEST(CfgOptions, RefuseIndicesOutsideTheList) {
  EXPECT_EQ(with({"pipeline.2.x=1"}),
            "error: index 2 is out of range; the list has 2 items\n"
            "  --> --cfg-options:1:10\n"
            "   | pipeline.2.x=1\n"
            "   |          ^\n"
            "   at pipeline.2\n");
}

TEST(CfgOptions, ReplaceNoItemAlone) {
  EXPECT_EQ(with({"pipeline.0=9"}),
            "error: item 0 cannot be replaced alone\n"
            "  --> --cfg-options:1:10\n"
            "   | pipeline.0=9\n"
            "   |          ^\n"
            "   at pipeline.0\n"
            "help: set a key of it (list.0.key=value), or the whole list (list=[...])\n");
}

TEST(CfgOptions, NeedMatchingBrackets) {
  EXPECT_EQ(with({"a=[1,2],[3,4]"}),
            "error: the brackets of '1,2],[3,4' do not match\n"
            "  --> --cfg-options:1:3\n"
            "   | a=[1,2],[3,4]\n"
            "   |   ^^^^^^^^^^^\n"
            "help: write a list of lists as [[1,2],[3,4]]\n");
}

TEST(CfgOptions, RefuseIntegersBeyond64Bits) {
  EXPECT_EQ(with({"a=9223372036854775808"}),
            "error: the integer 9223372036854775808 does not fit 64 bits\n"
            "  --> --cfg-options:1:3\n"
            "   | a=9223372036854775808\n"
            "   |   ^^^^^^^^^^^^^^^^^^^\n"
            "help: write it as a float (1e30) or as a str\n");
}

TEST(CfgOptions, AreBoundedInDepth) {
  const std::string deep = "a=" + std::string(300, '[') + "1" + std::string(300, ']');
  EXPECT_EQ(with({deep}).substr(0, 43), "error: the value is nested deeper than 200\n");
}

TEST(CfgOptions, RefuseADictNamingTheOptionsOfItsKeys) {
  EXPECT_EQ(with({"a.b=dict(max_norm=35,betas=(0.9,0.99))"}),
            "error: a value of --cfg-options cannot be a dict: dict(max_norm=35,betas=(0.9,0.99))\n"
            "  --> --cfg-options:1:5\n"
            "   | a.b=dict(max_norm=35,betas=(0.9,0.99))\n"
            "   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "help: set each key: a.b.max_norm=35 a.b.betas=(0.9,0.99)\n");
  EXPECT_TRUE(with({"a={'x': 1, 'y': 2}"}).ends_with("help: set each key: a.x=1 a.y=2\n"));
  EXPECT_TRUE(with({"a=[dict(x=1,y=2),3]"}).starts_with("error: a value of --cfg-options cannot"));
  EXPECT_TRUE(with({"a=dict(x=1)"}).starts_with("error: a value of --cfg-options cannot"));
}

TEST(CfgOptions, RefuseACallWithTwoArguments) {
  EXPECT_TRUE(with({"a=max(1,2)"}).starts_with("error: 'max(1,2)' is no value of --cfg-options\n"));
  EXPECT_TRUE(with({"a=run(2)"}).ends_with("a='run(2)')"));
}

}  // namespace
}  // namespace pinfeed
