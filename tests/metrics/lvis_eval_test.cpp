// SPDX-License-Identifier: Apache-2.0
// Golden values: lvis 0.5.3 (tools/golden/lvis_eval.py).
#include "pinfeed/metrics/lvis_eval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "pinfeed/metrics/lvis_metric.h"
#include "tests/data/planning.h"

namespace pinfeed {
namespace {

const std::string golden_folder = PINFEED_SOURCE_DIR "/tests/golden/";

TEST(LvisEval, GivesTheNumbersOfLvis) {
  std::ifstream expected(golden_folder + "lvis/expected.txt");
  std::string line;
  std::getline(expected, line);  // the script that made the file
  int compared = 0;
  while (std::getline(expected, line)) {
    std::istringstream words(line);
    std::string seed;
    std::string type;
    words >> seed >> type;
    const std::string path = golden_folder + "lvis/" + seed + ".truth.json";
    const CocoFile truth = read_coco_truth(path);
    const LvisRules rules = read_lvis_rules(path);
    const CocoResults results =
        read_coco_results(golden_folder + "coco_masks/" + seed + ".results.json");
    if (type == "bbox" && !results.has_boxes) continue;
    const LvisEvaluation found =
        type == "bbox"
            ? evaluate_lvis_boxes(truth, rules, results.detections)
            : evaluate_lvis_masks(truth, rules, truth_masks(truth), results.detections,
                                  result_masks(results, truth),
                                  results.has_boxes ? DetectionArea::box : DetectionArea::mask);
    std::string number;
    for (std::size_t i = 0; i < 13 && words >> number; ++i) {
      EXPECT_EQ(found.stats[i], std::stod(number)) << line.substr(0, 8) << " number " << i;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 8);
}

class OneLvisImage : public testing::Test {
 protected:
  std::string file(const std::string& image, const std::string& category) const {
    return folder_.file("lvis.json", R"({"images": [{"id": 3, "width": 99, "height": 99, )" +
                                         image + R"(}], "categories": [{"id": 1, "name": "a", )" +
                                         category + R"(}, {"id": 2, "name": "b", "frequency": "f"}],
        "annotations": [{"id": 7, "image_id": 3, "category_id": 1, "bbox": [1, 1, 20, 20],
        "area": 400}]})");
  }
  std::string whole_file() const {
    return file(R"("neg_category_ids": [2], "not_exhaustive_category_ids": [])",
                R"("frequency": "r")");
  }

  Folder folder_;
};

TEST_F(OneLvisImage, CountsItsBestThreeHundredDetections) {
  const CocoFile truth = read_coco_truth(whole_file());
  const LvisRules rules = read_lvis_rules(whole_file());
  std::vector<CocoDetection> detections = {{3, 1, 1, 1, 20, 20, 0.1}};
  for (int i = 0; i < 299; ++i) detections.push_back({3, 2, 50, 50, 20, 20, 0.5});
  EXPECT_EQ(evaluate_lvis_boxes(truth, rules, detections).stats[9], 1.0);
  detections.push_back({3, 2, 50, 50, 20, 20, 0.5});
  EXPECT_EQ(evaluate_lvis_boxes(truth, rules, detections).stats[9], 0.0);
}

TEST_F(OneLvisImage, NeedsTheKeysOfLvis) {
  const std::string path = folder_.path() + "/lvis.json";
  EXPECT_EQ(
      failure([&] { read_lvis_rules(file(R"("neg_category_ids": [2])", R"("frequency": "r")")); }),
      "error: " + path + ": image 3 has no 'not_exhaustive_category_ids', which LVIS needs\n");
  EXPECT_EQ(
      failure([&] { read_lvis_rules(file(R"("neg_category_ids": [2])", R"("frequency": "x")")); }),
      "error: " + path + ": categories[0] has the 'frequency' 'x'; it must be 'r', 'c' or 'f'\n");
}

TEST_F(OneLvisImage, IsMeasuredUnderTheNamesOfMmdet) {
  LvisMetric metric(std::make_shared<const CocoFile>(read_coco_truth(whole_file())),
                    read_lvis_rules(whole_file()), {1, 2}, {.classwise = true});
  const std::vector<Box> boxes = {{1, 1, 21, 21}, {50, 50, 60, 60}};
  const std::vector<float> scores = {0.5F, 0.4F};
  const std::vector<std::int64_t> labels = {0, 1};
  metric.add({.image_id = 3, .boxes = boxes, .scores = scores, .labels = labels});
  const MetricValues values = metric.evaluate();
  ASSERT_EQ(values.size(), 11U);
  EXPECT_EQ(values[0], (std::pair<std::string, double>("lvis/bbox_AP", 1.0)));
  EXPECT_EQ(values[6], (std::pair<std::string, double>("lvis/bbox_APr", 1.0)));
  EXPECT_EQ(values[8], (std::pair<std::string, double>("lvis/bbox_APf", -1.0)));
  EXPECT_EQ(values[9], (std::pair<std::string, double>("lvis/a_precision", 1.0)));
  EXPECT_EQ(values[10].first, "lvis/b_precision");
  EXPECT_TRUE(std::isnan(values[10].second));
}

TEST(LVISV1Dataset, HasEveryCategoryAndThePathsOfTheAddresses) {
  const Dataset lvis =
      dataset("dict(type='LVISV1Dataset', ann_file='" + golden_folder +
              "lvis/0.truth.json', data_prefix=dict(img='coco/'), pipeline=[], test_mode=True)");
  EXPECT_EQ(lvis.metainfo.classes, (std::vector<std::string>{"class 3", "class 1", "class 2"}));
  EXPECT_EQ(lvis.metainfo.category_ids, (std::vector<std::int64_t>{3, 1, 2}));
  Arena arena;
  EXPECT_EQ(lvis.get(0, arena).file_name.substr(0, 8), "val2017/");
  EXPECT_EQ(lvis.get(0, arena).img_path.substr(0, 13), "coco/val2017/");
}

}  // namespace
}  // namespace pinfeed
