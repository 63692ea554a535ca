// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// A value that was replaced while bases were merged or options applied.
struct Override {
  std::string path = {};  // "optim_wrapper.optimizer.lr"
  Value before = {};      // with its source span
};

/// Lays `child` over `base` as OpenMMLab does: dictionaries are merged, everything else replaces,
/// `_delete_=True` drops what the base had, base keys come first. `_delete_` itself never stays.
/// Throws Error(config) naming both places when a dictionary meets something else.
Dict merged(Dict base, Dict child);
/// The same; each value that was replaced is added to `history`, in order.
Dict merged(Dict base, Dict child, std::vector<Override>& history);

/// "configs/a.py:3:8", or empty when the place is unknown.
std::string span_text(const SourceSpan& span);

/// What Python's bool() says of it.
bool is_true(const Value& value);

}  // namespace pinfeed
