// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed::cli {

/// A line of `batches --hash`.
struct DigestLine {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;
  std::string digest = {};  // 32 hexadecimal digits
  bool operator==(const DigestLine&) const = default;
};

/// Reads the output of `batches --hash`. Throws Error(data) with the first line that is none.
std::vector<DigestLine> read_digests(const std::string& path);

/// A description of the difference between line `number` (from 1) of two streams with these names;
/// empty if they are equal.
std::string difference(const DigestLine& first, const DigestLine& second, std::size_t number,
                       const std::string& first_name, const std::string& second_name);

/// A description of two streams of which one continues with `next` and the other ends after `count`
/// batches.
std::string ending(const DigestLine& next, const std::string& longer, const std::string& shorter,
                   std::size_t count);

}  // namespace pinfeed::cli
