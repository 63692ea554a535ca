// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// The statements of a config. Throws Error(config) for what is no Python, and for Python that
/// pinfeed does not read: the message names the construct. The caller keeps the source.
SyntaxTree parse(const std::shared_ptr<const SourceText>& source, Templates templates);

/// The expression inside the braces of an f-string.
NodePtr parse_replacement(const std::shared_ptr<const SourceText>& source, Arena& arena,
                          const FormatPart& part, int depth);

}  // namespace pinfeed::python
