// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace pinfeed {

/// In how many training images a category occurs: up to 10, up to 100, or more.
enum class LvisFrequency { rare, common, frequent };

/// What an LVIS file says beyond COCO's format. Annotators looked for a few categories in each
/// image only.
struct LvisRules {
  struct Image {
    std::vector<std::int64_t> absent = {};      // neg_category_ids: looked for and not there
    std::vector<std::int64_t> incomplete = {};  // not_exhaustive_category_ids: not all are marked
  };
  std::unordered_map<std::int64_t, Image> images = {};               // by id
  std::unordered_map<std::int64_t, LvisFrequency> frequencies = {};  // by id of the category
};

/// Reads a LVIS annotation file. Throws Error(data) naming the file and the element for an image
/// without 'neg_category_ids' or 'not_exhaustive_category_ids' and a category without 'frequency'.
LvisRules read_lvis_rules(const std::string& path);

/// The names of the categories of a COCO or LVIS file, in its order.
std::vector<std::string> read_category_names(const std::string& path);

}  // namespace pinfeed
