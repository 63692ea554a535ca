// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// Parses the statements of a config. Throws Error(config) for invalid Python and for constructs
/// that pinfeed does not read; the message names the construct. The source must outlive the tree.
SyntaxTree parse(const std::shared_ptr<const SourceText>& source, Templates templates);

/// The expression inside the braces of an f-string.
NodePtr parse_replacement(const std::shared_ptr<const SourceText>& source, Arena& arena,
                          const FormatPart& part, int depth);

}  // namespace pinfeed::python
