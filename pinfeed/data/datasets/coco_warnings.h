// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinfeed {

/// Counts the records of a COCO file with one defect, and remembers the id of the first.
struct DefectCount {
  std::int64_t count = 0;
  std::int64_t first = 0;  // id

  void add(std::int64_t id) {
    if (count++ == 0) first = id;
  }
  /// Appends "a.json: 2 annotations WHAT, the first is 7" to `to` unless the count is 0.
  void report(const std::string& file, const std::string& noun, const std::string& what,
              std::vector<std::string>& to) const;
};

/// Counts bad records that no image of the file has, and keeps the error of the first.
struct LostRecords {
  std::int64_t count = 0;
  std::string first = {};

  /// Appends one warning to `to` unless the count is 0.
  void report(std::vector<std::string>& to) const;
};

/// The defects of a COCO file that are a warning and not an error.
struct CocoWarnings {
  // of annotations
  DefectCount negative = {};
  DefectCount outside = {};
  DefectCount small = {};
  DefectCount without_area = {};
  DefectCount unknown_category = {};
  DefectCount unknown_image = {};
  // of images and categories
  DefectCount repeated_image = {};
  DefectCount repeated_category = {};

  void report(const std::string& file, std::vector<std::string>& to) const;
};

}  // namespace pinfeed
