// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pinfeed/config/write_json.h"
#include "pinfeed/config/write_py.h"
#include "tests/config/folder.h"

namespace pinfeed {
namespace {

Value tree(const std::string& text) { return read_config_text(text).root; }

TEST(WriteJson, KeepsNumbersApartAndKeysInOrder) {
  EXPECT_EQ(
      write_json(tree(
          "b = 114.0; a = 114; c = (1, 2.5); d = {1: None}; e = True; f = []; g = {}\n"
          "h = [1e-5, float('inf'), -float('inf'), float('nan')]; i = 'q\"\\\\\\n\\x01\u00e9'\n"
          "j = [dict(x=1), [2]]")),
      "{\n"
      "  \"b\": 114.0,\n"
      "  \"a\": 114,\n"
      "  \"c\": [1, 2.5],\n"
      "  \"d\": {\n"
      "    \"1\": null\n"
      "  },\n"
      "  \"e\": true,\n"
      "  \"f\": [],\n"
      "  \"g\": {},\n"
      "  \"h\": [1e-05, Infinity, -Infinity, NaN],\n"
      "  \"i\": \"q\\\"\\\\\\n\\u0001\u00e9\",\n"
      "  \"j\": [\n"
      "    {\n"
      "      \"x\": 1\n"
      "    },\n"
      "    [2]\n"
      "  ]\n"
      "}");
}

TEST(WritePython, KeepsBracesThatAreText) {
  const Value root = tree("a = '{\\x7b fileBasename }}'\nb = {'{\\x7b{': '{\\x7b _base_.x }}'}\n");
  EXPECT_EQ(repr(root), "dict(a='{{ fileBasename }}', b={'{{{': '{{ _base_.x }}'})");
  const std::string text = write_py(root.dict());
  EXPECT_EQ(text, "a = '\\x7b{ fileBasename }}'\nb = {'\\x7b\\x7b{': '\\x7b{ _base_.x }}'}\n");
  EXPECT_EQ(tree(text), root);
}

TEST(WritePython, ReadsBackToTheSameTree) {
  const std::string folder = PINFEED_SOURCE_DIR "/tests/golden/config/";
  for (const char* name :
       {"grandchild.py", "writes.py", "references.py", "kinds.py", "json_base.py"}) {
    const Value root = read_config(folder + name).root;
    const std::string text = write_py(root.dict());
    EXPECT_EQ(repr(tree(text)), repr(root)) << text;
    for (std::size_t from = 0; from < text.size(); from = text.find('\n', from) + 1) {
      EXPECT_LT(text.find('\n', from) - from, 160U) << text.substr(from, 80);
    }
  }
}

TEST(WritePython, BreaksLongLinesOnly) {
  EXPECT_EQ(
      write_py(tree("a = dict(x=1, y=(2,)); b = {'two words': 1, 3: 4}; c = dict(**{'class': 1})\n"
                    "d = dict(type='LongName', values=['" +
                    std::string(60, 'v') + "', 'second value'])")
                   .dict()),
      "a = dict(x=1, y=(2,))\n"
      "b = {'two words': 1, 3: 4}\n"
      "c = {'class': 1}\n"
      "d = dict(\n"
      "    type='LongName',\n"
      "    values=['" +
          std::string(60, 'v') +
          "', 'second value'],\n"
          ")\n");
}

TEST(WritePython, DoesNotUseRedefinedNames) {
  const Value root = tree("x = [dict(a=1), 1e999, -1e999]; dict = 1; float = 2");
  EXPECT_EQ(write_py(root.dict()), "x = [{'a': 1}, 1e999, -1e999]\ndict = 1\nfloat = 2\n");
}

TEST(WritePython, QuotesKeysBeyondAscii) {
  const Value root = tree("ü = {'é': 1, 'a\ufeff': 2}\nb = {'c': 3}\n");
  const std::string text = write_py(root.dict());
  EXPECT_EQ(text, "ü = {'é': 1, 'a\ufeff': 2}\nb = dict(c=3)\n");
  EXPECT_EQ(tree(text), root);
}

TEST(WritePython, RefusesInvalidNames) {
  const auto refusal = [](const char* name) -> std::string {
    Dict root;
    root.set(name, 1);
    try {
      return write_py(root);
    } catch (const Error& error) {
      return error.message();
    }
  };
  const std::string help = "help: --format json writes any name\n";
  EXPECT_EQ(refusal("two words"), "error: 'two words' cannot be a name in Python\n" + help);
  EXPECT_EQ(refusal("__hidden"), "error: '__hidden' would not be read back\n" + help);
}

}  // namespace
}  // namespace pinfeed
