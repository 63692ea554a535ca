// SPDX-License-Identifier: Apache-2.0
// The arguments of a call. Source of the rules: the Python language reference, 6.3.4.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "pinfeed/config/python/expressions.h"

namespace pinfeed::python {
namespace {

// The keyword arguments of a call. Most calls have few, and comparing them is fastest.
class KeywordNames {
 public:
  // Returns false if the name is there already.
  bool add(std::string_view name) {
    if (count_ < few_.size()) {
      const auto end = few_.begin() + count_;
      if (std::find(few_.begin(), end, name) != end) return false;
      few_[count_++] = name;
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }

 private:
  std::array<std::string_view, 16> few_ = {};
  std::size_t count_ = 0;
  std::unordered_set<std::string_view> many_;
};

}  // namespace

Error repeated_key(std::string_view key) {
  return Error(ErrorKind::config, fmt::format("the key '{}' is given twice", key))
      .help("keep one of them");
}

Call ExpressionParser::call() {
  cursor_.take();
  auto arguments = new_list<Argument>();
  KeywordNames given;
  while (!cursor_.at(")")) {
    const Argument last = argument();
    if (cursor_.at_name("for")) throw generator_refusal();
    if (!last.name.empty() && !given.add(last.name)) {
      throw repeated_key(last.name).at(cursor_.location_of(last.span));
    }
    arguments.push_back(last);
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect(")");
  return {arguments};
}

Argument ExpressionParser::argument() {
  Argument argument{.span = cursor_.peek().span};
  if (cursor_.skip("**"))
    argument.stars = 2;
  else if (cursor_.skip("*"))
    argument.stars = 1;
  if (argument.stars == 0 && cursor_.at(TokenKind::name) && cursor_.at("=", 1)) {
    const Token name = cursor_.take();
    if (is_keyword(name.text)) {
      throw cursor_
          .failure(fmt::format("'{}' is a Python keyword and cannot be a key here", name.text),
                   name.span)
          .help(fmt::format("write {{'{}': ...}}", name.text));
    }
    cursor_.take();
    argument.name = name.text;
  }
  argument.value = expression();
  return argument;
}

}  // namespace pinfeed::python
