// SPDX-License-Identifier: Apache-2.0
// A small page with all sections.
#pragma once

#include <limits>
#include <string>

#include "pinfeed/image/image.h"
#include "pinfeed/report/picture_bytes.h"
#include "pinfeed/report/report_page.h"

namespace pinfeed::test {

inline const std::string hostile = "</script><b>&\"'";

inline PagePicture made_picture() {
  return {.title = hostile,
          .note = "1 missed",
          .size = {8, 6},
          .jpeg = small_jpeg(image::make_image({8, 6}), 8),
          .boxes = {{1, 2, 3, 4, BoxKind::wrong, 0, hostile}}};
}

inline PagePicture made_comparison() {
  PagePicture picture = made_picture();
  picture.predicted.emplace({PageBox{1, 2, 3, 4, BoxKind::found, 0, hostile + " 0.50"}});
  return picture;
}

inline LoaderUse made_use() {
  LoaderUse use{.seconds = 10.0, .waited = 0.2, .threads = 2, .io_threads = 4};
  for (const char* stage :
       {"plan", "read", "render", "decode", "resample", "colour", "write", "slot", "consumer"})
    use.stages[stage] = {.busy_seconds = 1.5, .wait_seconds = 0.25};
  return use;
}

inline ReportPage made_page() {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  PageEvaluation evaluation{
      .metrics = {{"coco/bbox_mAP", 0.425}, {"coco/bbox_mAP_s", nothing}},
      .precision = {{.title = "Mean of the classes",
                     .x_title = "recall",
                     .curves = {{hostile, {0.0, 1.0}, {1.0, 0.5}}},
                     .fractions = true}},
      .classes = {{hostile, 0.25, 0.5, 0.125, 1234, 7}, {"star", nothing, nothing, nothing, 0, 2}},
      .confusion = PageConfusion{{hostile, "star"}, {5, 1, 2, 0, 4, 0, 3, 1, 0}, 2, 0.5, 0.3},
      .pictures = {made_comparison()},
      .images = 9,
      .note = hostile};
  return {.title = hostile,
          .outcome = "Finished: " + hostile,
          .highlights = {{"loss", "0.5", hostile}},
          .curves = {{.title = "Loss",
                      .x_title = "iteration",
                      .curves = {{"loss", {1, 2, 3}, {2.5, nothing, 0.1234567}}}}},
          .evaluation = std::move(evaluation),
          .samples = {made_picture()},
          .sample_classes = {hostile, "star"},
          .reconstructions = PagePicture{.size = {8, 6}, .jpeg = made_picture().jpeg},
          .loader = PageLoader{.use = made_use(), .images_per_second = 31.25},
          .config = "x = 'https://example.com/" + hostile + "'\n",
          .environment = {{"torch", "2.13.0", ""}, {"command", hostile, ""}},
          .missing = {"The samples cannot be shown: " + hostile}};
}

}  // namespace pinfeed::test
