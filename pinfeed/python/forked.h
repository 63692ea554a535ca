// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed::python {

/// Counts the forks of this process from now on. Called once.
void watch_forks();

/// A number that differs in a forked child from that of its parent. The threads of a loader do not
/// exist in a child, and locks that they held are never released there: what was started under
/// another number must be neither used nor destroyed.
unsigned process_number();

}  // namespace pinfeed::python
