// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The text of a JSON or YAML config with each {{ _base_.a.b }} in quotes, which makes it valid.
std::shared_ptr<const SourceText> quoted_references(
    const std::shared_ptr<const SourceText>& source);

/// Replaces each str that is exactly one {{ _base_.a.b }} by the value of the bases. Throws
/// Error(config) if they do not have it.
void resolve_references(Dict& own, const Dict& base);

}  // namespace pinfeed
