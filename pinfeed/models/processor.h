// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pinfeed {

/// Whether the kernel's description of this machine's first processor (/proc/cpuinfo) has the word:
/// a flag such as "avx512_bf16", or a vendor such as "AuthenticAMD". Throws Error(system) if it
/// cannot be read, since results would depend on that.
bool processor_has(std::string_view word);

}  // namespace pinfeed
