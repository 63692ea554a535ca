// SPDX-License-Identifier: Apache-2.0
// Golden values: docs/specs/openmmlab-data.md, 9, and pycocotools (tools/golden/coco_eval.py).
#include "pinfeed/metrics/coco_eval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/coco_match.h"
#include "pinfeed/metrics/coco_metric.h"
#include "tests/data/planning.h"
#include "tests/golden_lines.h"
#include "tests/metrics/evaluated.h"

namespace pinfeed {
namespace {

CocoAnnotation truth(std::int64_t id, std::int64_t image, std::int64_t category, const BoxXywh& box,
                     double area, bool crowd) {
  return {.id = id,
          .image_id = image,
          .category_id = category,
          .x = box.x,
          .y = box.y,
          .width = box.width,
          .height = box.height,
          .area = area,
          .crowd = crowd};
}

CocoFile small_truth() {
  CocoFile file{.path = "truth.json"};
  for (const std::int64_t id : {1, 2, 3})
    file.images.push_back({.id = id, .width = 640, .height = 480});
  file.categories = {{5, "five"}, {2, "two"}};
  std::vector<CocoAnnotation> annotations = {truth(1, 1, 2, {10, 10, 50, 60}, 2500, false),
                                             truth(2, 1, 2, {100, 100, 20, 20}, 400, false),
                                             truth(3, 1, 2, {200, 50, 120, 150}, 15000, true),
                                             truth(4, 2, 5, {30.5, 40.25, 96, 96}, 9216, false),
                                             truth(5, 2, 5, {300, 200, 32, 32}, 1024, false),
                                             truth(6, 3, 2, {0, 0, 300, 300}, 80000, false)};
  annotations.back().ignore = true;  // has no effect
  file.annotations = std::move(annotations);
  return file;
}

std::vector<CocoDetection> small_detections() {
  return {{1, 2, 12, 11, 50, 58, .9},  {1, 2, 10, 10, 50, 60, .9},   {1, 2, 101, 99, 21, 20, .8},
          {1, 2, 210, 60, 60, 60, .7}, {1, 2, 215, 65, 60, 60, .65}, {1, 2, 400, 300, 30, 30, .6},
          {2, 5, 33, 42, 90, 99, .95}, {2, 5, 302, 203, 30, 31, .5}, {2, 5, 500, 10, 10, 10, .97},
          {2, 2, 5, 5, 40, 40, .3},    {3, 2, 5, 8, 290, 280, .55},  {3, 2, 0, 0, 150, 300, .85},
          {3, 5, 0, 0, 10, 10, .1}};
}

TEST(CocoEval, GivesTheTwelveStatisticsOfPycocotools) {
  const std::array<double, 12> expected = {0.521575907590759,
                                           0.7504125412541253,
                                           0.6674917491749174,
                                           0.475,
                                           0.8252475247524752,
                                           0.65,
                                           0.15,
                                           0.7916666666666666,
                                           0.7916666666666666,
                                           0.65,
                                           0.875,
                                           0.85};
  const CocoEvaluation found = evaluate_boxes(small_truth(), small_detections());
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(found.stats[i], expected[i]) << i;
}

TEST(CocoEval, TakesTheMaximaOfMmdet) {
  const auto coco = evaluate_boxes(small_truth(), small_detections());
  const auto mmdet =
      evaluate_boxes(small_truth(), small_detections(), {.max_detections = mmdet_max_detections});
  EXPECT_EQ(mmdet.stats[6], 0.7916666666666666);
  for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 10U, 11U}) {
    EXPECT_EQ(mmdet.stats[i], coco.stats[i]) << i;
  }
}

TEST(CocoEval, UsesAHundredDetectionsForTheFirstStatistic) {
  EXPECT_EQ(
      evaluate_boxes(small_truth(), small_detections(), {.max_detections = {1, 10, 50}}).stats[0],
      -1.0);
}

TEST(CocoEval, PrintsTheLinesOfPycocotools) {
  const auto lines = summary_lines(evaluate_boxes(small_truth(), small_detections()));
  EXPECT_EQ(lines[0],
            " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.522");
  EXPECT_EQ(lines[1],
            " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.750");
  EXPECT_EQ(lines[6],
            " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.150");
  EXPECT_EQ(lines[11],
            " Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.850");
}

TEST(CocoEval, GivesZeroWithoutDetectionsAndMinusOneWithoutGroundTruth) {
  EXPECT_EQ(evaluate_boxes(small_truth(), {}).stats[0], 0.0);
  CocoFile nothing = small_truth();
  nothing.annotations = {};
  EXPECT_EQ(evaluate_boxes(nothing, small_detections()).stats[0], -1.0);
}

TEST(CocoEval, DoesNotDependOnTheNumberOfThreads) {
  const auto one = evaluate_boxes(small_truth(), small_detections(), {.threads = 1});
  const auto many = evaluate_boxes(small_truth(), small_detections(), {.threads = 7});
  EXPECT_EQ(one.stats, many.stats);
  EXPECT_EQ(one.category_ap, many.category_ap);
}

TEST(CocoEval, TakesScoresThatAreNoNumbersLast) {
  auto detections = small_detections();
  detections.push_back({1, 2, 10, 10, 50, 60, std::nan("")});
  EXPECT_EQ(evaluate_boxes(small_truth(), detections).stats[1],
            evaluate_boxes(small_truth(), small_detections()).stats[1]);
}

TEST(CocoEval, NamesADetectionOfAnUnknownImage) {
  auto detections = small_detections();
  detections[4].image_id = 99;
  EXPECT_EQ(failure([&] { evaluate_boxes(small_truth(), detections); }),
            "error: detections[4] is of image 99, which truth.json does not have\n");
}

TEST(CocoEval, EqualsPycocotoolsOnRandomSets) {
  const std::string folder = test::golden_path("coco_eval/");
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("coco_eval/expected.txt")) {
    SCOPED_TRACE(words.str().substr(0, 8));
    std::string seed;
    std::string maxima;
    words >> seed >> maxima;
    const CocoFile file = read_coco_file(folder + seed + ".truth.json");
    const auto found =
        evaluate_results(file, read_coco_results(folder + seed + ".results.json"), IouType::bbox,
                         maxima == "coco" ? coco_max_detections : mmdet_max_detections);
    const std::vector<double> numbers = test::numbers_of(words);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(found.stats[i], numbers.at(i)) << i;
    for (std::size_t i = 0; i < found.category_ap.size(); ++i) {
      EXPECT_EQ(found.category_ap[i], numbers.at(12 + i)) << "category " << i;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 16);
}

TEST(CocoEval, NeedsNoNamesAndSizes) {
  const std::string path = testing::TempDir() + "/bare.json";
  std::ofstream(path) << R"({"images": [{"id": 3}], "categories": [{"id": 1}], "annotations": [)"
                      << R"({"id": 1, "image_id": 3, "category_id": 1, "bbox": [1, 2, 30, 40],)"
                      << R"( "area": 1200, "iscrowd": 0}]})";
  const CocoFile truth = read_coco_truth(path);
  const std::vector<CocoDetection> found = {{3, 1, 1, 2, 30, 40, 0.9}};
  EXPECT_NEAR(evaluate_boxes(truth, found).stats[0], 1.0, 1e-12);
  EXPECT_EQ(failure([&] { read_coco_file(path); }),
            "error: " + path + ": categories[0] has no 'name'\n");
}

TEST(CocoMetric, TurnsLabelsIntoCategoriesAndRounds) {
  CocoMetric metric(std::make_shared<const CocoFile>(small_truth()), {5, 2}, {.classwise = true});
  const std::vector<Box> boxes = {{30.5F, 40.25F, 126.5F, 136.25F}};
  const std::vector<float> scores = {0.9F};
  const std::vector<std::int64_t> labels = {0};
  const ImageDetections image = {.image_id = 2, .boxes = boxes, .scores = scores, .labels = labels};
  metric.add(image);
  metric.add(image);  // samplers may repeat an image
  ASSERT_EQ(metric.detections().size(), 1U);
  EXPECT_EQ(metric.detections()[0].category_id, 5);
  EXPECT_EQ(metric.detections()[0].width, 96.0);
  const auto values = evaluated(metric);
  EXPECT_EQ(values[0].first, "coco/bbox_mAP");
  EXPECT_EQ(values[0].second, 0.252);  // recall 0.5 of one class, none of the other
  EXPECT_EQ(values[5].first, "coco/bbox_mAP_l");
  EXPECT_EQ(values[6], (std::pair<std::string, double>("coco/two_precision", 0.0)));
  EXPECT_EQ(values[7], (std::pair<std::string, double>("coco/five_precision", 0.505)));
}

TEST(CocoMetric, WritesResultsThatItReadsAgain) {
  const Folder folder;
  const auto detections = small_detections();
  write_coco_results(detections, folder.path() + "/results.json");
  const auto again = read_coco_results(folder.path() + "/results.json").detections;
  ASSERT_EQ(again.size(), detections.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].image_id, detections[i].image_id);
    EXPECT_EQ(again[i].x, detections[i].x);
    EXPECT_EQ(again[i].score, detections[i].score);
  }
}

// pycocotools sorts texts as numpy.unique does, and detections of equal scores keep that order.
TEST(CocoEval, TakesIdsThatAreTexts) {
  const Folder folder;
  const auto evaluated = [&](const std::string& one, const std::string& two) {
    const std::string box = R"(, "category_id": 1, "bbox": [1, 1, 9, 9])";
    const std::string truth = folder.file(
        "truth.json", R"({"categories": [{"id": 1, "name": "a"}], "images": [{"id": )" + one +
                          R"(, "file_name": "a", "width": 20, "height": 20}, {"id": )" + two +
                          R"(, "file_name": "b", "width": 20, "height": 20}],
        "annotations": [{"id": 1, "area": 81, "iscrowd": 0, "image_id": )" +
                          two + box + "}]}");
    const std::string results =
        folder.file("results.json", R"([{"score": 0.5, "image_id": )" + one + box +
                                        R"(}, {"score": 0.5, "image_id": )" + two + box + "}]");
    return evaluate_boxes(read_coco_file(truth), read_coco_results(results).detections).stats;
  };
  EXPECT_EQ(evaluated("\"a\"", "\"b\""), evaluated("1", "2"));
  EXPECT_EQ(evaluated("\"b\"", "\"a\""), evaluated("2", "1"));
  EXPECT_NE(evaluated("\"b\"", "\"a\""), evaluated("\"a\"", "\"b\""));
  EXPECT_EQ(evaluated("9223372036854775809", "9223372036854775810"), evaluated("1", "2"));
}

TEST(CocoMetric, WritesIdsThatAreTexts) {
  const Folder folder;
  const std::vector<CocoDetection> detections = {
      {.image_id = text_id("img \"1\""), .category_id = digits_id("9223372036854775809")}};
  write_coco_results(detections, folder.path() + "/results.json");
  const auto again = read_coco_results(folder.path() + "/results.json").detections;
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].image_id, detections[0].image_id);
  EXPECT_EQ(again[0].category_id, detections[0].category_id);
}

TEST(CocoResults, NameTheEntryThatIsWrong) {
  const Folder folder;
  const std::string path =
      folder.file("r.json", R"([{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 1},
                                {"image_id": 1, "category_id": 2, "bbox": [1, 2, 3], "score": 1}])");
  EXPECT_EQ(failure([&] { read_coco_results(path); }),
            "error: " + path + ": detections[1] has a 'bbox' of 3 numbers, not 4\n");
  const std::string truncated =
      folder.file("truncated.json", R"([{"image_id": 1, "category_id": 2, )");
  EXPECT_EQ(failure([&] { read_coco_results(truncated); }),
            "error: " + truncated + " is not valid JSON: the file ends too early at byte 35\n");
}

}  // namespace
}  // namespace pinfeed
