// SPDX-License-Identifier: Apache-2.0
// Golden values: pycocotools (tools/golden/coco_masks.py).
#include "pinfeed/metrics/coco_masks.h"

#include <gtest/gtest.h>

#include "pinfeed/metrics/coco_metric.h"
#include "tests/data/planning.h"
#include "tests/golden_lines.h"
#include "tests/metrics/evaluated.h"

namespace pinfeed {
namespace {

const std::string golden_masks = test::golden_path("coco_masks/");

TEST(CocoMasks, GiveTheNumbersOfPycocotools) {
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("coco_masks/expected.txt")) {
    SCOPED_TRACE(words.str().substr(0, 8));
    std::string seed;
    std::string what;
    words >> seed >> what;
    if (what.ends_with("proposal") || what.ends_with("proposals")) continue;
    const CocoFile truth = read_coco_truth(golden_masks + seed + ".truth.json");
    const CocoResults results = read_coco_results(golden_masks + seed + ".results.json");
    const auto found =
        evaluate_results(truth, results, what == "segm" ? IouType::segm : IouType::bbox);
    const std::vector<double> numbers = test::numbers_of(words);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(found.stats[i], numbers.at(i)) << i;
    ++compared;
  }
  EXPECT_EQ(compared, 20);
}

TEST(CocoMasks, GiveTheSameNumbersWithAnyNumberOfThreads) {
  const CocoFile truth = read_coco_truth(golden_masks + "0.truth.json");
  const CocoResults results = read_coco_results(golden_masks + "0.results.json");
  const auto stats = [&](int threads) {
    return evaluate_masks(truth, truth_masks(truth), results.detections,
                          result_masks(results, truth), DetectionArea::mask, {.threads = threads})
        .stats;
  };
  EXPECT_EQ(stats(1), stats(5));
}

// A truth with one image of 8 x 6 pixels and one annotation, and results with one detection.
class OneMask : public testing::Test {
 protected:
  CocoFile truth(const std::string& segmentation, const std::string& image = R"(, "width": 8,
      "height": 6)") const {
    return read_coco_truth(folder_.file("truth.json", R"({"images": [{"id": 3)" + image +
                                                          R"(}], "categories": [{"id": 1}],
        "annotations": [{"id": 7, "image_id": 3, "category_id": 1, "bbox": [1, 1, 4, 4],
        "area": 16, "iscrowd": 0)" + segmentation + "}]}"));
  }
  CocoResults results(const std::string& keys) const {
    return read_coco_results(folder_.file(
        "results.json", R"([{"image_id": 3, "category_id": 1, "score": 0.5)" + keys + "}]"));
  }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string failure_of(const CocoFile& truth, const CocoResults& results) const {
    return failure([&] { evaluate_results(truth, results, IouType::segm); });
  }

  Folder folder_;
};

constexpr auto square = R"(, "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]])";

TEST_F(OneMask, OfAnotherSizeMatchesNothing) {
  const CocoFile one = truth(square);
  const std::string same = R"(, "segmentation": {"size": [6, 8], "counts": [7, 4, 2, 4, 2, 4, 2,
      4, 19]})";
  const std::string other = R"(, "segmentation": {"size": [6, 9], "counts": [7, 4, 2, 4, 2, 4, 2,
      4, 25]})";
  EXPECT_EQ(evaluate_results(one, results(same), IouType::segm).stats[8], 1.0);
  const CocoEvaluation unmatched = evaluate_results(one, results(other), IouType::segm);
  EXPECT_EQ(unmatched.stats[8], 0.0);
  EXPECT_EQ(unmatched.masks_of_other_size, 1);
}

TEST_F(OneMask, MustBeInTheGroundTruth) {
  EXPECT_EQ(failure_of(truth(""), results(square)),
            "error: " + path("truth.json") +
                ": annotation 7 has no 'segmentation', which the evaluation of masks needs\n");
  EXPECT_EQ(failure_of(truth(R"(, "segmentation": [])"), results(square)),
            "error: " + path("truth.json") +
                ": annotation 7 has no 'segmentation', which the evaluation of masks needs\n");
}

TEST_F(OneMask, OfPolygonsNeedsTheSizeOfTheImage) {
  EXPECT_EQ(failure_of(truth(square, ""), results(square)),
            "error: image 3 of " + path("truth.json") +
                " has no 'width' and 'height', which polygons need\n"
                "  while reading annotation 7 of " +
                path("truth.json") + "\n");
}

TEST_F(OneMask, ThatIsBrokenIsNamed) {
  const std::string broken = R"(, "segmentation": {"size": [6, 8], "counts": [7, 4]})";
  EXPECT_EQ(failure_of(truth(broken), results(square)),
            "error: its segmentation has run lengths of 11 pixels, its image has 48\n"
            "  while reading annotation 7 of " +
                path("truth.json") + "\n");
  EXPECT_EQ(failure_of(truth(square), results(broken)),
            "error: its segmentation has run lengths of 11 pixels, its image has 48\n"
            "  while reading " +
                path("results.json") + "[0]\n");
  EXPECT_EQ(failure_of(truth(square), results(R"(, "segmentation": [[1, 2, 3]])")),
            "error: its segmentation has a part of 3 numbers, neither a polygon nor a box\n"
            "  while reading " +
                path("results.json") + "[0]\n");
  EXPECT_EQ(failure_of(truth(square), results(R"(, "segmentation": [[1, 1, 5, 1e300, 5, 5]])")),
            "error: its segmentation holds the coordinate 1.0000000000000001e+300\n"
            "  while reading " +
                path("results.json") + "[0]\n");
}

TEST_F(OneMask, OrABoxMustBeInEachResult) {
  EXPECT_EQ(failure([&] { results(""); }),
            "error: " + path("results.json") + ": detections[0] has no 'bbox'\n");
  const std::string second = R"(}, {"image_id": 3, "category_id": 1, "score": 0.5)";
  EXPECT_EQ(failure([&] { results(square + second); }),
            "error: " + path("results.json") + ": detections[1] has no 'segmentation'\n");
  EXPECT_EQ(failure([&] { results(R"(, "bbox": [1, 2, 3, 4])" + second + square); }),
            "error: " + path("results.json") + ": detections[1] has no 'bbox'\n");
}

RunMask square_mask() { return {.size = {8, 6}, .runs = {7, 4, 2, 4, 2, 4, 2, 4, 19}}; }

// A detection of class 0 with the square as its mask; `has_mask` is whether it has one.
void add_detection(CocoMetric& metric, std::int64_t image, const Box& box, bool has_mask = true) {
  const std::vector<Box> boxes = {box};
  const std::vector<float> scores = {0.5F};
  const std::vector<std::int64_t> labels = {0};
  const std::vector<RunMask> masks(has_mask ? 1 : 0, square_mask());
  metric.add(
      {.image_id = image, .boxes = boxes, .scores = scores, .labels = labels, .masks = masks});
}

TEST_F(OneMask, IsWrittenSoThatItIsReadAgain) {
  CocoMetric metric(std::make_shared<const CocoFile>(truth(square)), {1},
                    {.measures = {CocoMeasure::segm}});
  add_detection(metric, 3, {1, 1, 5, 5});
  write_coco_results(metric.detections(), metric.masks(), path("found.json"));
  const CocoResults again = read_coco_results(path("found.json"));
  EXPECT_FALSE(again.has_boxes);
  EXPECT_EQ(result_masks(again, truth(square))(0).edges,
            (std::vector<std::uint32_t>{7, 11, 13, 17, 19, 23, 25, 29}));
}

TEST_F(OneMask, IsMeasuredByTheMetric) {
  const auto file = std::make_shared<const CocoFile>(truth(square));
  CocoMetric metric(file, {1}, {.measures = {CocoMeasure::bbox, CocoMeasure::segm}},
                    truth_masks(*file));
  EXPECT_EQ(failure([&] {
              add_detection(metric, 4, {0, 0, 1, 1}, false);
            }),
            "error: metric 'segm' compares masks, and the model predicts none\n"
            "help: evaluate metric='bbox', or train a model with a mask_head\n");
  add_detection(metric, 3, {0, 0, 1, 1});
  const MetricValues values = evaluated(metric);
  ASSERT_EQ(values.size(), 12U);
  EXPECT_EQ(values[0], (std::pair<std::string, double>("coco/bbox_mAP", 0.0)));
  EXPECT_EQ(values[6], (std::pair<std::string, double>("coco/segm_mAP", 1.0)));
  metric.reset();
  EXPECT_EQ(metric.masks().size(), 0U);
}

TEST_F(OneMask, OfAnotherSizeIsWarnedOf) {
  const auto file = std::make_shared<const CocoFile>(truth(square, R"(, "width": 9, "height": 6)"));
  CocoMetric metric(file, {1}, {.measures = {CocoMeasure::bbox, CocoMeasure::segm}},
                    truth_masks(*file));
  add_detection(metric, 3, {0, 0, 1, 1});
  std::vector<std::string> warnings;
  EXPECT_EQ(metric.evaluate(warnings)[6].second, 0.0);
  EXPECT_EQ(warnings, std::vector<std::string>(
                          {"1 detection of the model: masks of another size than the ground "
                           "truth's match nothing"}));
}

}  // namespace
}  // namespace pinfeed
