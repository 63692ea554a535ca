// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// A value that was replaced while bases were merged or options applied.
struct Override {
  std::string path = {};  // "optim_wrapper.optimizer.lr"
  Value before = {};      // and where it was written
};

/// Merges `child` into `base` by the rules of OpenMMLab: dictionaries are merged key by key, other
/// values replace those of the base, `_delete_=True` in a dictionary replaces the dictionary of the
/// base. The keys of the base come first. `_delete_` is removed where the base has the dictionary's
/// key, and stays in every other dictionary. Throws Error(config) with both locations where a
/// dictionary would be merged into another type.
Dict merged(Dict base, Dict child);
/// The same; appends each replaced value to `history`, in order.
Dict merged(Dict base, Dict child, std::vector<Override>& history);

/// Removes `_delete_` from the dictionaries where merging left it. No part has such a key.
void strip_delete_keys(Value& value);

/// "configs/a.py:3:8", or "" for an unknown location.
std::string span_text(const SourceSpan& span);

/// The result of bool() in Python.
bool is_true(const Value& value);

}  // namespace pinfeed
