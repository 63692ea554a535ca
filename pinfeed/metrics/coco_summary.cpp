// SPDX-License-Identifier: Apache-2.0
// The text of COCOeval.summarize().
#include <fmt/format.h>

#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed {

std::vector<std::string> summary_lines(const CocoEvaluation& evaluation,
                                       const MaxDetections& max_detections) {
  struct Line {
    const char* what;
    const char* iou;
    const char* area;
    std::size_t maximum;
  };
  static constexpr std::array<Line, 12> lines = {{
      {"Precision  (AP)", "0.50:0.95", "all", 2},
      {"Precision  (AP)", "0.50", "all", 2},
      {"Precision  (AP)", "0.75", "all", 2},
      {"Precision  (AP)", "0.50:0.95", "small", 2},
      {"Precision  (AP)", "0.50:0.95", "medium", 2},
      {"Precision  (AP)", "0.50:0.95", "large", 2},
      {"Recall     (AR)", "0.50:0.95", "all", 0},
      {"Recall     (AR)", "0.50:0.95", "all", 1},
      {"Recall     (AR)", "0.50:0.95", "all", 2},
      {"Recall     (AR)", "0.50:0.95", "small", 2},
      {"Recall     (AR)", "0.50:0.95", "medium", 2},
      {"Recall     (AR)", "0.50:0.95", "large", 2},
  }};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool hundred = i == 0;  // pycocotools prints 100 in the first line
    const int maximum = hundred ? 100 : max_detections[lines[i].maximum];
    texts.push_back(fmt::format(" Average {} @[ IoU={:<9} | area={:>6} | maxDets={:>3} ] = {:.3f}",
                                lines[i].what, lines[i].iou, lines[i].area, maximum,
                                evaluation.stats[i]));
  }
  return texts;
}

}  // namespace pinfeed
