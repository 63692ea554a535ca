// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.6.
//
// A mask as sorted positions needs no pixels: the polygons of an outline give intervals directly
// (crossings_of()), their union is a merge of sorted intervals, and the intersection of two masks
// is a walk along both lists. All counts are integers, so an IoU has the same bits as one that
// was counted pixel by pixel.
#include "pinfeed/image/draw/mask_spans.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed::image {
namespace {

using Interval = std::pair<std::uint64_t, std::uint64_t>;  // first position, position behind it

std::uint64_t pixels_of(Size size) {
  const auto pixels =
      static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  if (pixels <= std::numeric_limits<std::uint32_t>::max()) return pixels;
  throw Error(ErrorKind::data, "a mask of " + to_string(size) + " has too many pixels");
}

// Adds an interval that begins at or behind the start of the last one.
void append(MaskSpans& mask, Interval interval) {
  const auto begin = static_cast<std::uint32_t>(interval.first);
  const auto end = static_cast<std::uint32_t>(interval.second);
  if (begin >= end) return;
  if (mask.edges.empty() || begin > mask.edges.back()) {
    mask.edges.push_back(begin);
    mask.edges.push_back(end);
  } else {
    mask.edges.back() = std::max(mask.edges.back(), end);
  }
}

void measure_area(MaskSpans& mask) {
  mask.area = 0;
  for (std::size_t i = 0; i < mask.edges.size(); i += 2) {
    mask.area += mask.edges[i + 1] - mask.edges[i];
  }
}

// The pixels that both masks have.
std::int64_t common_pixels(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  if (a.empty() || b.empty() || a.back() <= b.front() || b.back() <= a.front()) return 0;
  std::int64_t common = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const std::uint32_t begin = std::max(a[i], b[j]);
    const std::uint32_t end = std::min(a[i + 1], b[j + 1]);
    common += end > begin ? end - begin : 0;
    const bool a_ends_first = a[i + 1] < b[j + 1];
    i += a_ends_first ? 2 : 0;
    j += a_ends_first ? 0 : 2;
  }
  return common;
}

}  // namespace

MaskSpans spans_of(std::span<const std::uint32_t> runs, Size size) {
  MaskSpans mask{.size = size};
  (void)pixels_of(size);
  mask.edges.reserve(runs.size() + 1);
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i % 2 == 1) append(mask, {begin, begin + runs[i]});
    begin += runs[i];
  }
  measure_area(mask);
  return mask;
}

MaskSpans spans_of(const Outline& outline) {
  if (outline.polygons.empty()) return spans_of(outline.runs, outline.size);
  (void)pixels_of(outline.size);
  thread_local std::vector<std::uint64_t> toggles;
  thread_local std::vector<Interval> intervals;
  intervals.clear();
  for (const std::span<const double> polygon : outline.polygons) {
    crossings_of(polygon, outline.size, toggles);
    for (std::size_t i = 0; i < toggles.size(); i += 2) {
      intervals.emplace_back(toggles[i], toggles[i + 1]);
    }
  }
  if (outline.polygons.size() > 1) std::sort(intervals.begin(), intervals.end());
  MaskSpans mask{.size = outline.size};
  for (const Interval& interval : intervals) append(mask, interval);
  measure_area(mask);
  return mask;
}

RunMask runs_of(const Outline& outline) {
  const MaskSpans mask = spans_of(outline);
  const std::uint64_t pixels = pixels_of(mask.size);
  RunMask runs{.size = mask.size};
  std::uint32_t before = 0;
  for (const std::uint32_t edge : mask.edges) {
    runs.runs.push_back(edge - before);
    before = edge;
  }
  if (before < pixels || runs.runs.empty()) {
    runs.runs.push_back(static_cast<std::uint32_t>(pixels - before));
  }
  return runs;
}

Rect bounds_of(const MaskSpans& mask) {
  if (mask.edges.empty()) return {};
  const auto height = static_cast<std::uint32_t>(mask.size.height);
  const std::uint32_t left = mask.edges.front() / height;
  const std::uint32_t right = (mask.edges.back() - 1) / height;
  std::uint32_t top = height;
  std::uint32_t bottom = 0;
  for (std::size_t i = 0; i < mask.edges.size(); i += 2) {
    const std::uint32_t begin = mask.edges[i];
    const std::uint32_t last = mask.edges[i + 1] - 1;
    const bool one_column = begin / height == last / height;
    top = std::min(top, one_column ? begin % height : 0);
    bottom = std::max(bottom, one_column ? last % height : height - 1);
  }
  return {static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left) + 1,
          static_cast<int>(bottom - top) + 1};
}

double mask_iou(const MaskSpans& detection, const MaskSpans& truth, bool crowd) {
  if (detection.size != truth.size) return -1.0;
  const std::int64_t common = common_pixels(detection.edges, truth.edges);
  if (common == 0) return 0.0;
  const std::int64_t all = crowd ? detection.area : detection.area + truth.area - common;
  return static_cast<double>(common) / static_cast<double>(all);
}

}  // namespace pinfeed::image
