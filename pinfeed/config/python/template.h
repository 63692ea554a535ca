// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// A text in double braces that OpenMMLab replaces before it parses a config.
struct Template {
  std::size_t bytes = 0;       // of the whole, braces included
  std::string text = {};       // its replacement
  std::string base_path = {};  // of {{ _base_.a.b }}: "a.b"; it has no text
  std::string missing = {};    // the environment variable that is not set and has no default
};

/// The template at the start of `rest`, or nothing. `file` is the config's path, for
/// {{ fileDirname }} and its like.
std::optional<Template> template_at(std::string_view rest, const std::string& file);

/// The error of an environment variable that is not set and has no default, without a span.
Error missing_variable(const std::string& name);
/// The error of a {{ _base_.name }} that the bases do not define, without a span.
Error missing_base_value(const std::string& name);

/// `text` with all templates of files and environment replaced. Throws Error(config) for a missing
/// environment variable.
std::string without_templates(std::string_view text, const std::string& file);

}  // namespace pinfeed::python
