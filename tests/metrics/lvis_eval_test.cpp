// SPDX-License-Identifier: Apache-2.0
// Golden values: lvis 0.5.3 (tools/golden/lvis_eval.py).
#include "pinfeed/metrics/lvis_eval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pinfeed/metrics/lvis_metric.h"
#include "tests/data/planning.h"
#include "tests/golden_lines.h"
#include "tests/metrics/evaluated.h"

namespace pinfeed {
namespace {

const std::string golden_folder = test::golden_path("");

TEST(LvisEval, GivesTheNumbersOfLvis) {
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("lvis/expected.txt")) {
    SCOPED_TRACE(words.str().substr(0, 8));
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
    const std::vector<double> numbers = test::numbers_of(words);
    for (std::size_t i = 0; i < 13; ++i) EXPECT_EQ(found.stats[i], numbers.at(i)) << i;
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
  const MetricValues values = evaluated(metric);
  ASSERT_EQ(values.size(), 11U);
  EXPECT_EQ(values[0], (std::pair<std::string, double>("lvis/bbox_AP", 1.0)));
  EXPECT_EQ(values[6], (std::pair<std::string, double>("lvis/bbox_APr", 1.0)));
  EXPECT_EQ(values[8], (std::pair<std::string, double>("lvis/bbox_APf", -1.0)));
  EXPECT_EQ(values[9], (std::pair<std::string, double>("lvis/a_precision", 1.0)));
  EXPECT_EQ(values[10].first, "lvis/b_precision");
  EXPECT_TRUE(std::isnan(values[10].second));
}

TEST_F(OneLvisImage, MayHaveMasksOfAnotherSize) {
  CocoFile truth = read_coco_truth(whole_file());
  const LvisRules rules = read_lvis_rules(whole_file());
  const std::vector<CocoDetection> detections = {{3, 1, 1, 1, 20, 20, 0.5}};
  const auto square_in = [](Size size) {
    const std::vector<double> corners = {1, 1, 21, 1, 21, 21, 1, 21};
    const std::vector<std::span<const double>> polygons = {corners};
    return image::spans_of(image::Outline{.size = size, .polygons = polygons});
  };
  const auto evaluated_in = [&](Size size) {
    return evaluate_lvis_masks(
        truth, rules,
        [&](std::size_t) {
          return square_in({99, 99});
        },
        detections, [&](std::size_t) { return square_in(size); }, DetectionArea::mask);
  };
  EXPECT_EQ(evaluated_in({99, 99}).stats[9], 1.0);
  EXPECT_EQ(evaluated_in({99, 99}).masks_of_other_size, 0);
  EXPECT_EQ(evaluated_in({100, 99}).stats[9], 0.0);
  EXPECT_EQ(evaluated_in({100, 99}).masks_of_other_size, 1);
}

class LvisImages : public testing::Test {
 protected:
  Dataset of(const std::string& image, const std::string& keys = "") const {
    folder.file("lvis.json",
                R"({"images": [{"id": 3, "width": 99, "height": 99, )" + image +
                    R"(}], "categories": [{"id": 4, "name": "a"}, {"id": 2, "name": "b"}],
                    "annotations": []})");
    return dataset("dict(type='LVISV1Dataset', data_root='" + folder.path() +
                   "', ann_file='lvis.json', data_prefix=dict(img='i/'), " + keys +
                   "test_mode=True, pipeline=[])");
  }
  // The first line of the error.
  std::string error(const std::string& image, const std::string& keys = "") const {
    return first_line(failure([&] { of(image, keys); }));
  }
  std::string first_line(const std::string& message) const {
    return folder.short_paths(message.substr(0, message.find('\n')));
  }
  std::string name_of(const std::string& image) const {
    Arena arena;
    return std::string(of(image).get(0, arena).file_name);
  }

  const std::string address = R"("coco_url": "http://images.cocodataset.org/val2017/7.jpg")";
  Folder folder;
};

TEST_F(LvisImages, AreNamedByTheirAddresses) {
  EXPECT_EQ(name_of(address), "val2017/7.jpg");
  EXPECT_EQ(name_of(R"("file_name": "x.jpg", )" + address), "val2017/7.jpg");
  EXPECT_EQ(name_of(address + R"(, "file_name": "x.jpg")"), "val2017/7.jpg");
  EXPECT_EQ(name_of(R"("coco_url": "own/7.jpg")"), "own/7.jpg");
}

TEST_F(LvisImages, NeedAddressesOfTheServer) {
  EXPECT_EQ(error(R"("file_name": "x.jpg")"), "error: lvis.json: image 3 has no 'coco_url'");
  EXPECT_EQ(error(R"("coco_url": "https://example.org/7.jpg")"),
            "error: lvis.json: image 3 has a 'coco_url' of \"https://example.org/7.jpg\"; it must "
            "be a path, or http://images.cocodataset.org/ and a path");
  EXPECT_EQ(error(R"("coco_url": "http://images.cocodataset.org/")"),
            "error: lvis.json: image 3 has a 'coco_url' of \"http://images.cocodataset.org/\"; it "
            "must be a path, or http://images.cocodataset.org/ and a path");
  EXPECT_EQ(error(R"("coco_url": 7)"),
            "error: lvis.json: image 3 has a 'coco_url' of 7; it must be a text");
}

TEST_F(LvisImages, HaveNoNamesForCocoDataset) {
  of(address);
  EXPECT_EQ(first_line(failure([&] {
              dataset("dict(type='CocoDataset', data_root='" + folder.path() +
                      "', ann_file='lvis.json', data_prefix=dict(img=''), pipeline=[])");
            })),
            "error: lvis.json: image 3 has no 'file_name'");
}

TEST_F(LvisImages, HaveTheClassesOfTheFileWhateverTheConfigSays) {
  const Dataset data = of(address, "metainfo=dict(classes=('b',), palette=[1]), ");
  EXPECT_EQ(data.metainfo.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(data.metainfo.others.find("palette"), nullptr);
  ASSERT_EQ(data.warnings.size(), 1U);
  EXPECT_EQ(folder.short_paths(data.warnings[0]),
            "LVISV1Dataset uses every category of lvis.json: metainfo.classes selects none, as in "
            "OpenMMLab");
  EXPECT_TRUE(of(address, "metainfo=dict(classes=('a', 'b')), ").warnings.empty());
  const std::string message = error(address, "metainfo=['a', 'b'], ");
  EXPECT_TRUE(message.starts_with("error: metainfo must be dict, not list")) << message;
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
