// SPDX-License-Identifier: Apache-2.0
// Golden values: pycocotools (tools/golden/coco_masks.py) and mmdet's functions
// (tools/golden/detection_metrics.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/metrics/parallel.h"
#include "pinfeed/metrics/proposal_recall.h"
#include "pinfeed/metrics/voc_metric.h"
#include "tests/count_allocations.h"
#include "tests/data/planning.h"
#include "tests/golden_lines.h"
#include "tests/metrics/evaluated.h"

namespace pinfeed {
namespace {

struct GoldenSet {
  CocoFile truth;
  CocoResults results;
};

GoldenSet golden_set(const std::string& seed) {
  const std::string path = test::golden_path("coco_eval/" + seed);
  return {read_coco_truth(path + ".truth.json"), read_coco_results(path + ".results.json")};
}

// Calls check(set, what, numbers) for each line of the file with "set what number number ...".
void for_golden_lines(const std::string& name,
                      const std::function<void(const GoldenSet&, const std::string&,
                                               const std::vector<double>&)>& check) {
  for (std::istringstream& words : test::golden_lines(name)) {
    SCOPED_TRACE(words.str());
    std::string seed;
    std::string what;
    words >> seed >> what;
    check(golden_set(seed), what, test::numbers_of(words));
  }
}

TEST(Proposals, HaveTheRecallOfPycocotools) {
  int compared = 0;
  const auto check = [&](const GoldenSet& set, const std::string& what,
                         const std::vector<double>& numbers) {
    if (what != "proposal" && what != "few_proposals") return;
    const MaxDetections maxima = what == "proposal" ? mmdet_max_detections : MaxDetections{1, 3, 5};
    const auto found = evaluate_boxes(set.truth, set.results.detections,
                                      {.max_detections = maxima, .use_categories = false});
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(found.stats[i], numbers[i]) << i;
    ++compared;
  };
  for (std::istringstream& words : test::golden_lines("coco_masks/expected.txt")) {
    std::string seed;
    std::string what;
    words >> seed >> what;
    if (what.ends_with("proposal") || what.ends_with("proposals"))
      check(golden_set(seed), what, test::numbers_of(words));
  }
  EXPECT_EQ(compared, 16);
}

TEST(Proposals, HaveTheFastRecallOfMmdet) {
  int compared = 0;
  for_golden_lines("coco_eval/mmdet.txt", [&](const GoldenSet& set, const std::string& what,
                                              const std::vector<double>& numbers) {
    if (!what.starts_with("proposal_fast")) return;
    const bool many = what == "proposal_fast_100";
    const auto found = proposal_recall(set.truth, set.results.detections,
                                       many ? mmdet_max_detections : MaxDetections{1, 3, 5});
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found[i], numbers[i]) << i;
    ++compared;
  });
  EXPECT_EQ(compared, 16);
}

TEST(Proposals, AreLoggedUnderTheNamesOfMmdet) {
  const CocoMetricOptions options = {
      .measures = {CocoMeasure::proposal, CocoMeasure::proposal_fast}, .prefix = "rpn"};
  EXPECT_EQ(coco_metric_names(options),
            (std::vector<std::string>{"rpn/AR@100", "rpn/AR@300", "rpn/AR@1000", "rpn/AR_s@1000",
                                      "rpn/AR_m@1000", "rpn/AR_l@1000"}));
  EXPECT_EQ(coco_metric_names({.items = {"AR@100", "mAP_50"}}),
            (std::vector<std::string>{"coco/bbox_mAP_50", "coco/bbox_AR@100"}));
}

Box corner_box(double x, double y, double width, double height) {
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + width),
          static_cast<float>(y + height)};
}

std::int64_t label_of(const CocoFile& file, std::int64_t category) {
  const auto found = std::find_if(file.categories.begin(), file.categories.end(),
                                  [&](const CocoCategory& one) { return one.id == category; });
  return found == file.categories.end() ? -1 : found - file.categories.begin();
}

VocTruth voc_truth_of(const CocoFile& file) {
  VocTruth truth;
  for (const CocoCategory& category : file.categories) truth.classes.push_back(category.name);
  for (const CocoImage& image : file.images) truth.images[image.id] = {};
  for (const CocoAnnotation& one : file.annotations) {
    truth.images[one.image_id].push_back({corner_box(one.x, one.y, one.width, one.height),
                                          label_of(file, one.category_id), one.crowd});
  }
  return truth;
}

void add_image(const GoldenSet& set, std::int64_t image, VocMetric& metric) {
  std::vector<Box> boxes;
  std::vector<float> scores;
  std::vector<std::int64_t> labels;
  for (const CocoDetection& one : set.results.detections) {
    const std::int64_t label = label_of(set.truth, one.category_id);
    if (one.image_id != image || label < 0) continue;
    boxes.push_back(corner_box(one.x, one.y, one.width, one.height));
    scores.push_back(static_cast<float>(one.score));
    labels.push_back(label);
  }
  metric.add({.image_id = image, .boxes = boxes, .scores = scores, .labels = labels});
}

TEST(VocMetric, GivesTheNumbersOfMmdet) {
  int compared = 0;
  for_golden_lines("coco_eval/mmdet.txt", [&](const GoldenSet& set, const std::string& what,
                                              const std::vector<double>& numbers) {
    if (what != "11points" && what != "area") return;
    const std::vector<double> thresholds = {0.3, 0.5, 0.75};
    VocMetric metric(voc_truth_of(set.truth),
                     {.iou_thresholds = thresholds,
                      .mode = what == "area" ? VocMode::area : VocMode::eleven_points});
    for (const CocoImage& image : set.truth.images) add_image(set, image.id, metric);
    const MetricValues values = evaluated(metric);
    ASSERT_EQ(values.size(), 4U);
    EXPECT_EQ(values[0].first, "pascal_voc/mAP");
    EXPECT_EQ(values[0].second, (numbers[0] + numbers[1] + numbers[2]) / 3.0);
    EXPECT_EQ(values[2].first, "pascal_voc/AP50");
    EXPECT_NEAR(values[2].second, numbers[1], 0.000501);
    ++compared;
  });
  EXPECT_EQ(compared, 16);
}

TEST(VocMetric, CountsAnImageOnceAndForgetsAllWhenReset) {
  VocTruth truth{.classes = {"cat"}};
  truth.images[4] = {{{0, 0, 9, 9}, 0, false}, {{20, 20, 29, 29}, 0, false}};
  VocMetric metric(truth, {.mode = VocMode::area});
  const std::vector<Box> boxes = {{0, 0, 9, 9}, {0, 0, 9, 8}};
  const std::vector<float> scores = {0.9F, 0.8F};
  const std::vector<std::int64_t> labels = {0, 0};
  const ImageDetections image = {.image_id = 4, .boxes = boxes, .scores = scores, .labels = labels};
  metric.add(image);
  metric.add(image);
  EXPECT_EQ(evaluated(metric)[0].second, 0.5);
  EXPECT_EQ(metric.detections().size(), 2U);
  metric.reset();
  EXPECT_TRUE(metric.detections().empty());
  EXPECT_EQ(evaluated(metric)[0].second, 0.0);
}

TEST(VocMetric, HasNoNumberForAClassWithoutObjects) {
  VocTruth truth{.classes = {"cat", "dog"}};
  truth.images[4] = {{{0, 0, 9, 9}, 0, false}, {{0, 0, 9, 9}, 1, true}};
  VocMetric metric(truth, {});
  metric.add({.image_id = 4});
  EXPECT_EQ(metric.class_precisions(0.5)[0], 0.0F);
  EXPECT_TRUE(std::isnan(metric.class_precisions(0.5)[1]));
}

TEST(ForRanges, CoversEveryIndexOnce) {
  for (const int threads : {1, 3, 16}) {
    std::vector<int> calls(1000);
    for_ranges(calls.size(), 7, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++calls[i];
    });
    EXPECT_EQ(std::count(calls.begin(), calls.end(), 1), 1000);
  }
}

TEST(ForRanges, DoesAllOfTheWorkWhenNoThreadStarts) {
  int calls = 0;
  const std::function<void(std::size_t, std::size_t)> work = [&](std::size_t, std::size_t) {
    ++calls;
  };
  {
    const test::AllocationLimit nothing(16);  // the state of a thread takes more
    for_ranges(1000, 7, 8, work);
  }
  EXPECT_EQ(calls, 143);
}

TEST(ForRanges, ThrowsTheFirstFailureWhicheverThreadWasFaster) {
  for (int repeat = 0; repeat < 20; ++repeat) {
    EXPECT_EQ(failure([] {
                for_ranges(100, 1, 4, [](std::size_t begin, std::size_t) {
                  if (begin >= 13) throw Error(ErrorKind::data, "at " + std::to_string(begin));
                });
              }),
              "error: at 13\n");
  }
}

}  // namespace
}  // namespace pinfeed
