// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinfeed {

/// How often something odd was found in a file, and the id it was found at first.
struct Finding {
  std::int64_t count = 0;
  std::int64_t first = 0;

  void add(std::int64_t id) {
    if (count++ == 0) first = id;
  }
  /// Adds "a.json: 2 annotations WHAT, the first is 7", where anything was found.
  void report(const std::string& file, const std::string& noun, const std::string& what,
              std::vector<std::string>& to) const;
};

/// What is odd in a COCO file, and no error.
struct CocoFindings {
  Finding negative = {};  // annotations from here on
  Finding outside = {};
  Finding small = {};
  Finding without_area = {};
  Finding unknown_category = {};
  Finding unknown_image = {};
  Finding repeated_image = {};
  Finding repeated_category = {};

  void report(const std::string& file, std::vector<std::string>& to) const;
};

}  // namespace pinfeed
