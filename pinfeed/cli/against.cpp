// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/against.h"

#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/inspect/digest.h"

namespace pinfeed::cli {
namespace {

// Lines of digests begin with a digit and have no byte below a line feed.
bool is_text(const std::string& path) {
  const Buffer file = map_file(path, ErrorKind::data);
  const auto first = file.size == 0 ? std::byte{'0'} : file.data()[0];
  const auto eighth = file.size < 8 ? std::byte{'0'} : file.data()[7];
  return first >= std::byte{'0'} && first <= std::byte{'9'} && eighth != std::byte{0};
}

}  // namespace

Against::Against(const std::string& path) : path_(path) {
  if (is_text(path)) {
    digests_ = read_digests(path);
  } else {
    dumps_ = read_dump(path);
  }
}

std::int64_t Against::size() const { return dumps_ ? std::ssize(*dumps_) : std::ssize(digests_); }

std::string Against::next(const Batch& batch) {
  const std::int64_t number = compared_++;
  const auto place = static_cast<std::size_t>(number);
  const std::string where =
      fmt::format("different at epoch {} batch {}: ", batch.epoch(), batch.index());
  if (number >= size()) return where + fmt::format("{} ends after {} batches", path_, size());
  if (!dumps_) {
    const DigestLine here{batch.epoch(), batch.index(), digest(batch)};
    return difference(here, digests_[place], place + 1, "this run", path_);
  }
  const std::string found = first_difference(dumped(batch, number), (*dumps_)[place], path_);
  return found.empty() ? "" : where + found;
}

std::string Against::rest() const {
  if (compared_ >= size()) return "";
  return fmt::format("different after {} batches: this run ends, {} has {}", compared_, path_,
                     size());
}

}  // namespace pinfeed::cli
