// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/format_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/functions.h"

namespace pinfeed::python {
namespace {

constexpr const char* braces_help = "write '{{' for '{' and '}}' for '}'";
constexpr const char* fields_help = "pass a value for each field, by position or by name";

class Formatter {
 public:
  Formatter(Heap& heap, const Arguments& arguments, const Location& location)
      : heap_(heap), arguments_(arguments), location_(location) {}

  std::string formatted(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
      const char c = pattern[at];
      if ((c == '{' || c == '}') && pattern.substr(at + 1, 1) == pattern.substr(at, 1)) {
        add(pattern.substr(at, 1));
        at += 2;
      } else if (c == '{') {
        const std::size_t end = pattern.find('}', at);
        if (end == std::string_view::npos)
          throw failure("a '{' of the format is not closed", location_).help(braces_help);
        add(text_of(field(pattern.substr(at + 1, end - at - 1)), location_));
        at = end + 1;
      } else if (c == '}') {
        throw failure("a '}' of the format closes nothing", location_).help(braces_help);
      } else {
        const std::size_t end = std::min(pattern.find_first_of("{}", at), pattern.size());
        add(pattern.substr(at, end - at));
        at = end;
      }
    }
    return std::move(text_);
  }

 private:
  void add(std::string_view piece) {
    heap_.charge(piece.size(), location_);
    text_ += piece;
  }

  const Object& field(std::string_view name) {
    const bool numbered = !name.empty() && std::all_of(name.begin(), name.end(), is_digit);
    if (name.empty() || numbered) {
      if (counts_ && *counts_ != name.empty()) {
        throw failure("a format has either '{}' or fields with numbers, not both", location_)
            .help("number all fields or none");
      }
      counts_ = name.empty();
      return positional(name);
    }
    if (!std::all_of(name.begin(), name.end(), continues_name)) {
      throw failure(fmt::format("pinfeed does not read '{{{}}}' in formats", name), location_)
          .help("fields are '{}', '{0}' and '{name}'");
    }
    for (const DictObject::Entry& entry : arguments_.named) {
      if (entry.key.text == name) return *entry.value;
    }
    throw failure(fmt::format("the field '{{{}}}' of the format is not given", name), location_)
        .help(fields_help);
  }

  const Object& positional(std::string_view number) {
    std::size_t index = next_;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), index);
    if (number.empty()) ++next_;
    const bool readable = number.empty() || fault == std::errc();
    if (readable && index < arguments_.positional.size()) return *arguments_.positional[index];
    throw failure(fmt::format("the field '{{{}}}' of the format is not among the {} values given",
                              number, arguments_.positional.size()),
                  location_)
        .help(fields_help);
  }

  Heap& heap_;
  const Arguments& arguments_;
  Location location_;
  std::string text_ = {};
  std::size_t next_ = 0;
  std::optional<bool> counts_ = {};  // '{}' was there, or a number
};

}  // namespace

Ref format_method(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  Formatter formatter(heap, arguments, location);
  return heap.make(formatter.formatted(*self->as<std::string>()), location);
}

}  // namespace pinfeed::python
