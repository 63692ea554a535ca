// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.1, 6.4.
//
// Rows get the positions of their image and category among the sorted ids, and two stable counting
// sorts bring the rows of each group together in the order of the file. No node is allocated for a
// group: a results file of COCO's size has hundreds of thousands of them.
#include "pinfeed/metrics/coco_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

struct Row {
  std::uint32_t image = 0;
  std::uint32_t category = 0;
  std::uint32_t index = 0;
};

// The positions of ids in their sorted order.
class Positions {
 public:
  explicit Positions(std::vector<std::int64_t> ids) {
    std::sort(ids.begin(), ids.end(), IdLess());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const std::int64_t id : ids) {
      positions_.emplace(id, static_cast<std::uint32_t>(positions_.size()));
    }
  }
  std::size_t size() const { return positions_.size(); }
  // The last answer is remembered: rows of one image follow each other.
  std::optional<std::uint32_t> find(std::int64_t id) {
    if (last_ && last_->first == id) return last_->second;
    const auto found = positions_.find(id);
    if (found == positions_.end()) return std::nullopt;
    last_ = *found;
    return found->second;
  }

 private:
  std::unordered_map<std::int64_t, std::uint32_t> positions_ = {};
  std::optional<std::pair<std::int64_t, std::uint32_t>> last_ = {};
};

template <class Rows>
std::vector<std::int64_t> ids_of(const Rows& rows) {
  std::vector<std::int64_t> ids;
  for (const auto& row : rows) ids.push_back(row.id);
  return ids;
}

// A stable sort by one of the positions, of which there are `count`.
void sort_by(std::uint32_t Row::*position, std::size_t count, std::vector<Row>& rows) {
  std::vector<std::uint32_t> starts(count + 1);
  for (const Row& row : rows) ++starts[row.*position + 1];
  for (std::size_t i = 1; i <= count; ++i) starts[i] += starts[i - 1];
  std::vector<Row> sorted(rows.size());
  for (const Row& row : rows) sorted[starts[row.*position]++] = row;
  rows = std::move(sorted);
}

class Grouping {
 public:
  Grouping(const CocoFile& truth, Pooling pooling)
      : truth_(&truth),
        pooled_(pooling == Pooling::categories),
        images_(ids_of(truth.images)),
        categories_(ids_of(truth.categories)) {}

  std::vector<Row> truth_rows() {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < truth_->annotations.size(); ++i) {
      const CocoAnnotation& one = truth_->annotations[i];
      const auto image = images_.find(one.image_id);
      const auto category = categories_.find(one.category_id);
      if (image && category) rows.push_back({*image, *category, static_cast<std::uint32_t>(i)});
    }
    sort(rows);
    return rows;
  }

  std::vector<Row> detection_rows(std::span<const CocoDetection> detections,
                                  const std::string& results) {
    std::vector<Row> rows;
    rows.reserve(detections.size());
    for (std::size_t i = 0; i < detections.size(); ++i) {
      const auto image = images_.find(detections[i].image_id);
      if (!image) {
        throw Error(ErrorKind::data,
                    fmt::format("{}[{}] is of image {}, which {} does not have", results, i,
                                id_text(detections[i].image_id), truth_->path));
      }
      const auto category = categories_.find(detections[i].category_id);
      if (category) rows.push_back({*image, *category, static_cast<std::uint32_t>(i)});
    }
    sort(rows);
    return rows;
  }

 private:
  void sort(std::vector<Row>& rows) const {
    if (pooled_) {
      sort_by(&Row::category, categories_.size(), rows);
      sort_by(&Row::image, images_.size(), rows);
      for (Row& row : rows) row.category = 0;
    } else {
      sort_by(&Row::image, images_.size(), rows);
      sort_by(&Row::category, categories_.size(), rows);
    }
  }

  const CocoFile* truth_;
  bool pooled_;
  Positions images_;
  Positions categories_;
};

bool same_group(const Row& a, const Row& b) {
  return a.category == b.category && a.image == b.image;
}

bool before(const Row& a, const Row& b) {
  return a.category != b.category ? a.category < b.category : a.image < b.image;
}

// The number of rows from `at` on that belong to the group of `first`.
std::uint32_t count_same(const std::vector<Row>& rows, std::size_t at, const Row& first) {
  std::size_t end = at;
  while (end < rows.size() && same_group(rows[end], first)) ++end;
  return static_cast<std::uint32_t>(end - at);
}

std::vector<CocoGroup> groups_of(const std::vector<Row>& truths,
                                 const std::vector<Row>& detections) {
  std::vector<CocoGroup> groups;
  for (std::size_t t = 0, d = 0; t < truths.size() || d < detections.size();) {
    const bool truth_first =
        d == detections.size() || (t < truths.size() && before(truths[t], detections[d]));
    const Row& first = truth_first ? truths[t] : detections[d];
    groups.push_back({.category = first.category,
                      .image = first.image,
                      .first_truth = static_cast<std::uint32_t>(t),
                      .truths = count_same(truths, t, first),
                      .first_detection = static_cast<std::uint32_t>(d),
                      .detections = count_same(detections, d, first)});
    t += groups.back().truths;
    d += groups.back().detections;
  }
  return groups;
}

std::vector<std::uint32_t> indices_of(const std::vector<Row>& rows) {
  std::vector<std::uint32_t> indices;
  indices.reserve(rows.size());
  for (const Row& row : rows) indices.push_back(row.index);
  return indices;
}

// Of several categories with one id the last counts, as in an index by id.
std::vector<CocoCategory> sorted_categories(std::vector<CocoCategory> categories) {
  std::stable_sort(
      categories.begin(), categories.end(),
      [](const CocoCategory& a, const CocoCategory& b) { return IdLess()(a.id, b.id); });
  std::vector<CocoCategory> sorted;
  for (CocoCategory& category : categories) {
    if (!sorted.empty() && sorted.back().id == category.id) sorted.pop_back();
    sorted.push_back(std::move(category));
  }
  return sorted;
}

}  // namespace

CocoGroups group_rows(const CocoFile& truth, std::span<const CocoDetection> detections,
                      Pooling pooling, const std::string& results) {
  Grouping grouping(truth, pooling);
  const std::vector<Row> truths = grouping.truth_rows();
  const std::vector<Row> found = grouping.detection_rows(detections, results);
  return {.categories = sorted_categories(truth.categories),
          .groups = groups_of(truths, found),
          .truths = indices_of(truths),
          .detections = indices_of(found)};
}

}  // namespace pinfeed
