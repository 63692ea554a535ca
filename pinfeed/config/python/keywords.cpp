// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "pinfeed/config/python/expressions.h"

namespace pinfeed::python {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

// By their lengths: this is asked about every name.
bool is_keyword(std::string_view word) {
  switch (word.size()) {
    case 2: return is_one_of(word, {"as", "if", "in", "is", "or"});
    case 3: return is_one_of(word, {"and", "def", "del", "for", "not", "try"});
    case 4: return is_one_of(word, {"None", "True", "elif", "else", "from", "pass", "with"});
    case 5:
      return is_one_of(word,
                       {"False", "async", "await", "break", "class", "raise", "while", "yield"});
    case 6: return is_one_of(word, {"assert", "except", "global", "import", "lambda", "return"});
    case 7: return word == "finally";
    case 8: return is_one_of(word, {"continue", "nonlocal"});
    default: return false;
  }
}

}  // namespace pinfeed::python
