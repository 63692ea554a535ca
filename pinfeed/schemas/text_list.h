// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace pinfeed {

/// A text, or a list of texts, as upstream's configs write it.
using TextOrTexts = std::variant<std::string, std::vector<std::string>>;

/// The texts as a list.
inline std::vector<std::string> texts_of(const TextOrTexts& written) {
  if (const auto* one = std::get_if<std::string>(&written)) return {*one};
  return std::get<std::vector<std::string>>(written);
}

}  // namespace pinfeed
