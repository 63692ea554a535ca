// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace pinfeed {

/// Calls work(first, last) for consecutive parts of 0 to `count`, by torch's threads at once. A
/// part has at least `least` numbers, unless there are fewer. An exception of `work` is thrown when
/// all threads have ended.
void in_parallel(std::int64_t count, std::int64_t least,
                 const std::function<void(std::int64_t first, std::int64_t last)>& work);

}  // namespace pinfeed
