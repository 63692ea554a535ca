// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/syntax_tree.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// An entry of `_base_`.
struct BasePath {
  std::string path = {};
  SourceSpan span = {};
};

/// A parsed config file in Python. Its bases are read before it is evaluated.
struct PythonText {
  std::shared_ptr<const SourceText> source = nullptr;
  python::SyntaxTree tree = {};
  std::vector<BasePath> bases = {};
  bool lazy = false;  // of the new, pure-Python style
};
/// `templates` applies to the strings of a config without imports; a config of the new style keeps
/// its templates.
PythonText read_python(const std::shared_ptr<const SourceText>& source,
                       python::Templates templates);

/// The names of a config, and those of its bases after it: `_base_.x = 1` changes a base.
struct Evaluated {
  Dict own = {};
  Dict base = {};
};
Evaluated evaluated(const PythonText& text, Dict base);
/// The same for the new style (docs/specs/openmmlab-runtime.md, 4.7): the bases are names that it
/// imports.
Dict evaluated_lazily(const PythonText& text, const python::ReadBase& read_base);

/// The entries of the value of `_base_`: a str or a list of str.
std::vector<BasePath> base_paths(const Value& value);

}  // namespace pinfeed
