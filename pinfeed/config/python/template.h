// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pinfeed::python {

/// A text in double braces that OpenMMLab replaces before it reads a config.
struct Template {
  std::size_t bytes = 0;       // of the whole, braces included
  std::string text = {};       // what stands for it
  std::string base_path = {};  // of {{ _base_.a.b }}: "a.b"; it has no text
  std::string missing = {};    // the environment variable that is not there and has no default
};

/// The template at the start of `rest`, or nothing. `file` is the config's path, for
/// {{ fileDirname }} and its like.
std::optional<Template> template_at(std::string_view rest, const std::string& file);

/// `text` with all templates of files and environment replaced. Throws Error(config) for a missing
/// environment variable.
std::string without_templates(std::string_view text, const std::string& file);

}  // namespace pinfeed::python
