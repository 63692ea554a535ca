// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace pinfeed {

/// Calls work(first, last) for consecutive parts of 0 to `count`, by torch's threads at once; up to
/// `grain_size` numbers are one part. Other threads begin with torch's default state: operations of
/// `work` on tensors need a NoGradGuard of their own. An exception of `work` is thrown when all
/// threads have ended.
void in_parallel(std::int64_t count, std::int64_t grain_size,
                 const std::function<void(std::int64_t first, std::int64_t last)>& work);

}  // namespace pinfeed
