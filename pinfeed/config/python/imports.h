// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "pinfeed/config/python/cursor.h"
#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// "import torch.nn as nn", from the word import on.
Import read_import(Cursor& cursor);
/// "from ..a.b import c as d, e", from the word from on.
FromImport read_from_import(Cursor& cursor);
/// The imports of a `with read_base():` block, from the word with to the end of its last line.
std::vector<FromImport> read_base_block(Cursor& cursor);

/// Whether a module is of Python's standard library, which OpenMMLab imports and pinfeed cannot.
bool is_standard(std::string_view module);

/// Whether the statements are of the new, pure-Python style (docs/specs/openmmlab-runtime.md, 4.7).
bool is_lazy(const std::vector<Statement>& statements);

}  // namespace pinfeed::python
