// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfeed::python {

/// An operator or delimiter of Python, such as "(" or "**=": at most three characters in one
/// number, so that comparing costs nothing.
class Punctuator {
 public:
  constexpr Punctuator() = default;
  constexpr Punctuator(const char* text)
      : Punctuator(std::string_view(text)) {}  // NOLINT: "(" is one
  constexpr explicit Punctuator(std::string_view text) {
    for (const char c : text) code_ = code_ << 8 | static_cast<unsigned char>(c);
  }
  constexpr bool operator==(const Punctuator&) const = default;
  std::string text() const {
    std::string text;
    for (int shift = 16; shift >= 0; shift -= 8) {
      if (const auto c = static_cast<char>(code_ >> shift & 0xFF)) text += c;
    }
    return text;
  }

 private:
  std::uint32_t code_ = 0;
};

}  // namespace pinfeed::python
