// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace pinfeed {

/// Copies like memcpy, with non-temporal stores: the memory behind `to` is not read into the cache
/// before it is overwritten, which saves a third of the memory traffic. Use it for bytes that no
/// thread reads again soon, such as a batch that is larger than the cache. The ranges must not
/// overlap. Other threads may read the bytes after the call.
void stream_copy(std::byte* to, const std::byte* from, std::size_t bytes);

/// The same, but other threads may read the bytes only after this thread has called
/// finish_streams(). For many small copies in a row.
void stream_copy_unfenced(std::byte* to, const std::byte* from, std::size_t bytes);

/// Makes this thread's earlier non-temporal stores visible to other threads, before any store that
/// follows.
void finish_streams();

}  // namespace pinfeed
