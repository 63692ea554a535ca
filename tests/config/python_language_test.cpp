// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

struct Case {
  const char* text;
  const char* tree;
};

std::string tree_of(const std::string& text) {
  try {
    return repr(read_config_text(text, "a.py").root);
  } catch (const Error& error) {
    return error.message();
  }
}

class PythonLanguage : public testing::TestWithParam<Case> {};

TEST_P(PythonLanguage, MeansWhatPythonSays) { EXPECT_EQ(tree_of(GetParam().text), GetParam().tree); }

const Case cases[] = {
    {"a = 1\nb = 1.0", "dict(a=1, b=1.0)"},
};

INSTANTIATE_TEST_SUITE_P(Cases, PythonLanguage, testing::ValuesIn(cases));

}  // namespace
}  // namespace pinfeed
