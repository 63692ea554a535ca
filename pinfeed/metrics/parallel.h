// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace pinfeed {

/// Calls work(begin, end) once for each range of `block` consecutive indices below `count`; the
/// last range may be shorter. Runs on `threads` threads, the calling one included, or on fewer
/// where the system starts no more. Throws the exception of the first range that failed.
void for_ranges(std::size_t count, std::size_t block, int threads,
                const std::function<void(std::size_t begin, std::size_t end)>& work);

}  // namespace pinfeed
