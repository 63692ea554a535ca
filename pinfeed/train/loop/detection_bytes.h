// SPDX-License-Identifier: Apache-2.0
// The detections of a batch as bytes, to send them to another rank.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed {

/// The detections of one image with their memory.
struct StoredDetections {
  std::int64_t image_id = 0;
  std::vector<Box> boxes = {};
  std::vector<float> scores = {};
  std::vector<std::int64_t> labels = {};
  std::vector<RunMask> masks = {};

  ImageDetections view() const { return {image_id, boxes, scores, labels, masks}; }
};

/// Appends the detections of one image. The bytes are those of this machine.
void append_detections(std::string& bytes, const ImageDetections& image);

/// Removes the detections of one image from the front of the bytes. Throws Error(bug) when the
/// bytes end before.
StoredDetections take_detections(std::string_view& bytes);

/// Appends a text and its length, to be taken as a whole.
void append_text(std::string& bytes, std::string_view text);
std::string_view take_text(std::string_view& bytes);

}  // namespace pinfeed
