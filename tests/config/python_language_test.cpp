// SPDX-License-Identifier: Apache-2.0
// Where pinfeed says more, or something else on purpose, than the files of tests/golden/config.
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

TEST_P(PythonLanguage, EqualsTheTable) { EXPECT_EQ(tree_of(GetParam().text), GetParam().tree); }

const Case cases[] = {
    {"", "dict()"},
    {"\n# only a comment", "dict()"},
    {"a = 1\r\nb = 1.0\r\n", "dict(a=1, b=1.0)"},
    {"a = 1\rb = 2", "dict(a=1, b=2)"},
    {"\xEF\xBB\xBF"
     "a = '\xEF\xBB\xBF'",
     "dict(a='\xEF\xBB\xBF')"},
    {"\fa = 1\t+ 2 \f", "dict(a=3)"},
    {"a = '''x\r\ny'''", "dict(a='x\\ny')"},
    {"x = [dict(_delete_=True, a=1)]; y = dict(_delete_=False)", "dict(x=[dict(a=1)], y=dict())"},
    {"a = ['layers.{}.{}'.format(i, 'w') for i in range(2)]",
     "dict(a=['layers.0.w', 'layers.1.w'])"},
    {"a = '{1}{0}{n}{0}'.format(1, None, n=2.0)", "dict(a='None12.01')"},
    {"a = '{{}}{}}}'.format('{}', 3)", "dict(a='{}{}}')"},
    {"f = len; d = dict; x = d(n=f('abc'))", "dict(x=dict(n=3))"},
    {"import copy; x = copy.deepcopy([1])", "dict(x=[1])"},
    {"a = {{'$PINFEED_NOT_SET:[1,(2,)]'}}", "dict(a=[1, (2,)])"},
    {"_base_ = []; a = 1", "dict(a=1)"},
    {"a = -9223372036854775808; b = -0x8000000000000000",
     "dict(a=-9223372036854775808, b=-9223372036854775808)"},
    {"a = 1; a = dict(a=a)", "dict(a=dict(a=1))"},
    {"_base_.new = dict(a=1); x = _base_.new.a", "dict(new=dict(a=1), x=1)"},
};

INSTANTIATE_TEST_SUITE_P(Table, PythonLanguage, testing::ValuesIn(cases));

}  // namespace
}  // namespace pinfeed
