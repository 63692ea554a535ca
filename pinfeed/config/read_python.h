// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
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
/// The names of a config of the new style (docs/specs/openmmlab-runtime.md, 4.7), whose bases are
/// names that it imports. The result also has the names that it imported from other packages, as
/// dotted names, because a config that imports it as a whole may use them; `imported` receives
/// these names.
Dict evaluated_lazily(const PythonText& text, const python::ReadBase& read_base,
                      std::set<std::string>& imported);
/// Removes the names that a config or its bases only imported: they are no part of the config. A
/// name that was assigned to an imported one is.
void drop_imported_names(Dict& root, const std::set<std::string>& imported);

/// The entries of the value of `_base_`: a str or a list of str.
std::vector<BasePath> base_paths(const Value& value);

}  // namespace pinfeed
