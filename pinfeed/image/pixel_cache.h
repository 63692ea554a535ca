// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pinfeed/image/picture.h"

namespace pinfeed::image {

/// Stored pictures that were decoded and are soon looked at again (Encoded::again): those looked at
/// last, up to a number of bytes. Any thread.
class PixelCache {
 public:
  /// A whole picture as it is stored, BGR uint8.
  struct Entry {
    std::string path = {};
    std::uint64_t file_bytes = 0;
    Size size = {};
    std::vector<std::byte> bytes = {};
    std::uint64_t used = 0;  // when, counted in uses

    ImageView view();
  };

  explicit PixelCache(std::size_t bytes) : bytes_(bytes) {}

  /// Whether the picture is to be kept: it is looked at again, and leaves room for others.
  bool takes(const Encoded& encoded) const;
  /// Its pixels; null where they are not kept.
  std::shared_ptr<Entry> find(const Encoded& encoded);
  /// An entry to decode it into, in the place of those that nobody has looked at for longest.
  std::shared_ptr<Entry> room_for(const Encoded& encoded);
  /// From now on it is found. Its pixels may not change any more.
  void keep(std::shared_ptr<Entry> entry);

 private:
  std::shared_ptr<Entry> oldest_unseen();

  std::size_t bytes_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;
  std::size_t held_ = 0;  // bytes of the entries
  std::uint64_t uses_ = 0;
};

}  // namespace pinfeed::image
