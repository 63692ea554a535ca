// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/batch_comparison.h"

#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/inspect/digest.h"

namespace pinfeed::cli {
namespace {

// A line of digests begins with a digit. A safetensors file begins with the length of its header,
// of which the eighth byte is 0.
bool is_text(const std::string& path) {
  const Buffer file = map_file(path, ErrorKind::data);
  const auto first = file.size == 0 ? std::byte{'0'} : file.data()[0];
  const auto eighth = file.size < 8 ? std::byte{'0'} : file.data()[7];
  return first >= std::byte{'0'} && first <= std::byte{'9'} && eighth != std::byte{0};
}

}  // namespace

BatchComparison::BatchComparison(const std::string& path) : path_(path) {
  if (is_text(path)) {
    digests_ = read_digests(path);
  } else {
    dumps_ = read_dump(path);
  }
}

std::int64_t BatchComparison::size() const {
  return dumps_ ? std::ssize(*dumps_) : std::ssize(digests_);
}

std::string BatchComparison::compare(const Batch& batch) {
  const std::int64_t number = compared_++;
  const auto index = static_cast<std::size_t>(number);
  const std::string where =
      fmt::format("different at epoch {} batch {}: ", batch.epoch(), batch.index());
  if (number >= size()) return where + fmt::format("{} ends after {} batches", path_, size());
  if (!dumps_) {
    const DigestLine here{batch.epoch(), batch.index(), digest(batch)};
    return difference(here, digests_[index], index + 1, "this run", path_);
  }
  const std::string found = first_difference(dumped(batch, number), (*dumps_)[index], path_);
  return found.empty() ? "" : where + found;
}

std::string BatchComparison::remaining() const {
  if (compared_ >= size()) return "";
  return fmt::format("different after {} batches: this run ends, {} has {}", compared_, path_,
                     size());
}

}  // namespace pinfeed::cli
