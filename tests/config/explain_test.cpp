// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pinfeed/config/explain.h"
#include "tests/config/folder.h"

namespace pinfeed {
namespace {

using test::ConfigFolder;

std::string explanation(const std::string& key, const ReadOptions& options = {}) {
  try {
    return explain("c.py", options, key);
  } catch (const Error& error) {
    return error.message();
  }
}

struct Chain {
  ConfigFolder folder;
  Chain() {
    folder.write("a.py", "opt = dict(\n    lr=0.1,\n    wd=0.0)\npipe = [dict(s=1)]\n");
    folder.write("b.py", "_base_ = 'a.py'\nopt = dict(lr=0.2)\n");
    folder.write("c.py", "_base_ = 'b.py'\nopt = dict(lr=0.3)\n");
  }
};

TEST(Explain, NamesEveryFileThatSetTheValue) {
  const Chain chain;
  EXPECT_EQ(explanation("opt.lr"),
            "opt.lr = 0.3\n"
            "  set at c.py:2:15\n"
            "    opt = dict(lr=0.3)\n"
            "  overrode 0.2, b.py:2:15\n"
            "    opt = dict(lr=0.2)\n"
            "  overrode 0.1, a.py:2:8\n"
            "    lr=0.1,");
  EXPECT_EQ(explanation("opt.wd"), "opt.wd = 0.0\n  set at a.py:3:8\n    wd=0.0)");
}

TEST(Explain, HandlesOptionsAndItemsOfLists) {
  const Chain chain;
  EXPECT_EQ(explanation("pipe[0].s", {.cfg_options = {"pipe.0.s=2"}}),
            "pipe[0].s = 2\n"
            "  set at --cfg-options:1:10\n"
            "    pipe.0.s=2\n"
            "  overrode 1, a.py:4:16\n"
            "    pipe = [dict(s=1)]");
}

TEST(Explain, ShowsTheKeysOfAReplacedDictionary) {
  const Chain chain;
  chain.folder.write("c.py", "_base_ = 'b.py'\nopt = dict(_delete_=True, lr=1)\n");
  EXPECT_EQ(explanation("opt.lr"),
            "opt.lr = 1\n"
            "  set at c.py:2:30\n"
            "    opt = dict(_delete_=True, lr=1)\n"
            "  overrode 0.2, b.py:2:15\n"
            "    opt = dict(lr=0.2)\n"
            "  overrode 0.1, a.py:2:8\n"
            "    lr=0.1,");
}

TEST(Explain, NamesTheNearestKey) {
  const Chain chain;
  EXPECT_EQ(explanation("opt.lrr"), "error: opt has no 'lrr'\nhelp: did you mean 'lr'?\n");
  EXPECT_EQ(explanation("pipe.3"), "error: pipe has no '3'\nhelp: it has 1 items\n");
}

}  // namespace
}  // namespace pinfeed
