// SPDX-License-Identifier: Apache-2.0
// The precision of the page is compared with a direct computation: detections by falling score,
// each takes the best free object of its class, precision at each recall is the largest of any
// higher recall.
#include "pinfeed/report/evaluation_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "pinfeed/image/codec/codec.h"
#include "pinfeed/metrics/coco_eval.h"
#include "tests/temporary_folder.h"

namespace pinfeed::test {
namespace {

using testing::ElementsAre;

constexpr int images = 15;

struct Rows {
  CocoFile truth = {};
  std::vector<CocoDetection> detections = {};
};

// Boxes on a grid, so that objects do not overlap; detections are moved objects, some of another
// class, and boxes where nothing is. All scores differ.
Rows random_rows() {
  Rows rows;
  rows.truth.categories = {{1, "a"}, {2, "b"}, {3, "c"}, {4, "absent"}};
  std::mt19937 random(7);
  const auto number = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  std::vector<CocoAnnotation> annotations;
  for (int image = 1; image <= images; ++image) {
    rows.truth.images.push_back({.id = image, .width = 200, .height = 200});
    for (int cell = 0; cell < 9; ++cell) {
      const double x = 60.0 * (cell % 3);
      const double y = 60.0 * (cell / 3);
      const std::int64_t category = 1 + number(3);
      const bool object = number(3) != 0;
      if (object) {
        annotations.push_back({.id = std::ssize(annotations) + 1,
                               .image_id = image,
                               .category_id = category,
                               .x = x,
                               .y = y,
                               .width = 40,
                               .height = 40,
                               .area = 1600});
      }
      if (number(5) == 0) continue;
      const std::int64_t found = number(4) == 0 ? 1 + number(3) : category;
      rows.detections.push_back(
          {image, found, x + number(16), y + number(8), 40, 40,
           0.001 * number(900) + 1e-6 * static_cast<double>(rows.detections.size())});
    }
  }
  rows.truth.annotations = std::move(annotations);
  return rows;
}

double overlap(const CocoDetection& one, const CocoAnnotation& other) {
  const double width =
      std::min(one.x + one.width, other.x + other.width) - std::max(one.x, other.x);
  const double height =
      std::min(one.y + one.height, other.y + other.height) - std::max(one.y, other.y);
  if (width <= 0 || height <= 0) return 0;
  const double common = width * height;
  return common / (one.width * one.height + other.width * other.height - common);
}

// Precision at recall 0, 0.01, ... 1.
std::vector<double> direct_precision(const Rows& rows, std::int64_t category, double threshold) {
  std::vector<const CocoDetection*> sorted;
  for (const CocoDetection& one : rows.detections) {
    if (one.category_id == category) sorted.push_back(&one);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->score > b->score; });
  double objects = 0;
  for (const CocoAnnotation& one : rows.truth.annotations) objects += one.category_id == category;
  std::set<std::int64_t> taken;
  std::vector<std::pair<double, double>> points;  // recall, precision
  double right = 0;
  for (const CocoDetection* one : sorted) {
    const CocoAnnotation* best = nullptr;
    for (const CocoAnnotation& other : rows.truth.annotations) {
      if (other.image_id != one->image_id || other.category_id != category) continue;
      if (taken.contains(other.id) || overlap(*one, other) < threshold) continue;
      if (best == nullptr || overlap(*one, other) > overlap(*one, *best)) best = &other;
    }
    if (best != nullptr) taken.insert(best->id);
    right += best != nullptr;
    points.emplace_back(right / objects, right / static_cast<double>(points.size() + 1));
  }
  std::vector<double> precision;
  for (int i = 0; i <= 100; ++i) {
    double largest = 0;
    for (const auto& [recall, value] : points) {
      if (recall >= (i == 100 ? 1.0 : i * 0.01)) largest = std::max(largest, value);
    }
    precision.push_back(largest);
  }
  return precision;
}

Dataset no_images() {
  Dataset dataset;
  dataset.get = [](std::int64_t, Arena& arena) { return Sample(arena); };
  return dataset;
}

TEST(EvaluationReport, HasThePrecisionOfADirectComputation) {
  const Rows rows = random_rows();
  const Dataset dataset = no_images();
  const PageEvaluation report =
      evaluation_report({.truth = rows.truth, .detections = rows.detections, .dataset = dataset});
  ASSERT_EQ(report.precision.size(), 2U);
  const PageChart& each = report.precision[1];
  ASSERT_EQ(each.curves.size(), 3U);
  std::vector<double> mean_50(101);
  std::vector<double> mean_75(101);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto expected = direct_precision(rows, static_cast<std::int64_t>(c) + 1, 0.5);
    const auto strict = direct_precision(rows, static_cast<std::int64_t>(c) + 1, 0.75);
    for (std::size_t r = 0; r <= 100; ++r) {
      EXPECT_NEAR(each.curves[c].x[r], static_cast<double>(r) / 100, 1e-12);
      EXPECT_NEAR(each.curves[c].y[r], expected[r], 1e-9) << each.curves[c].name << " " << r;
      mean_50[r] += expected[r] / 3;
      mean_75[r] += strict[r] / 3;
    }
  }
  for (std::size_t r = 0; r <= 100; ++r) {
    EXPECT_NEAR(report.precision[0].curves[0].y[r], mean_50[r], 1e-9) << r;
    EXPECT_NEAR(report.precision[0].curves[1].y[r], mean_75[r], 1e-9) << r;
  }
}

TEST(EvaluationReport, HasTheClassesOfCocoEval) {
  const Rows rows = random_rows();
  const Dataset dataset = no_images();
  const PageEvaluation report =
      evaluation_report({.truth = rows.truth, .detections = rows.detections, .dataset = dataset});
  const CocoEvaluation coco = evaluate_boxes(rows.truth, rows.detections);
  std::map<std::string, double> expected;
  for (std::size_t i = 0; i < 3; ++i) expected[coco.categories[i].name] = coco.category_ap[i];
  double ap = 0;
  double ap50 = 0;
  double ap75 = 0;
  std::int64_t objects = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const PageClass& one = report.classes[i];
    EXPECT_NEAR(one.ap, expected.at(one.name), 1e-12) << one.name;
    ap += one.ap / 3;
    ap50 += one.ap50 / 3;
    ap75 += one.ap75 / 3;
    objects += one.objects;
    if (i > 0) {
      EXPECT_LE(one.ap, report.classes[i - 1].ap);
    }
  }
  EXPECT_NEAR(ap, coco.stats[0], 1e-12);
  EXPECT_NEAR(ap50, coco.stats[1], 1e-12);
  EXPECT_NEAR(ap75, coco.stats[2], 1e-12);
  EXPECT_EQ(objects, std::ssize(rows.truth.annotations));
  EXPECT_EQ(report.classes[3].name, "absent");
  EXPECT_TRUE(std::isnan(report.classes[3].ap));
}

TEST(EvaluationReport, ShowsTheClassesThatAreConfusedMost) {
  ConfusionMatrix matrix{.categories = {{1, "a"}, {2, "b"}, {3, "c"}}};
  matrix.counts = {9, 0, 0, 7,  //
                   0, 8, 3, 1,  //
                   0, 0, 6, 2,  //
                   4, 5, 1, 0};
  const PageConfusion two = confusion_of(matrix, 2);
  EXPECT_THAT(two.names, ElementsAre("b", "c"));
  EXPECT_THAT(two.counts, ElementsAre(8, 3, 1, 0, 6, 2, 5, 1, 0));
  EXPECT_EQ(two.classes, 3U);
  EXPECT_EQ(confusion_of(matrix, 3).counts, matrix.counts);
}

// Three images: one error, none, and three; the file of the last one is missing.
TEST(EvaluationReport, DrawsTheImagesWithMostErrorsFirst) {
  const TemporaryFolder folder;
  for (const char* name : {"one.jpg", "none.jpg"})
    image::write_jpeg(image::make_image({64, 48}), folder / name);
  Rows rows;
  rows.truth.categories = {{1, "a"}, {2, "b"}};
  for (const std::int64_t id : {1, 2, 3}) rows.truth.images.push_back({.id = id});
  const auto object = [](std::int64_t id, std::int64_t image) {
    return CocoAnnotation{.id = id,
                          .image_id = image,
                          .category_id = 1,
                          .x = 4,
                          .y = 4,
                          .width = 20,
                          .height = 20,
                          .area = 400};
  };
  rows.truth.annotations = std::vector<CocoAnnotation>{object(1, 1), object(2, 2), object(3, 3)};
  rows.detections = {{1, 2, 4, 4, 20, 20, 0.9},
                     {2, 1, 5, 4, 20, 20, 0.8},
                     {3, 1, 40, 4, 9, 9, 0.7},
                     {3, 2, 40, 30, 9, 9, 0.6},
                     {1, 1, 40, 4, 9, 9, 0.2}};
  const std::vector<std::string> paths = {folder / "none.jpg", folder / "missing.jpg",
                                          folder / "one.jpg"};
  const std::vector<std::int64_t> ids = {2, 3, 1};
  Dataset dataset;
  dataset.size = 3;
  dataset.get = [&](std::int64_t index, Arena& arena) {
    Sample sample(arena);
    sample.img_id = ids[static_cast<std::size_t>(index)];
    sample.img_path = paths[static_cast<std::size_t>(index)];
    sample.file_name = sample.img_path.substr(sample.img_path.rfind('/') + 1);
    return sample;
  };
  const PageEvaluation report =
      evaluation_report({.truth = rows.truth, .detections = rows.detections, .dataset = dataset});
  ASSERT_EQ(report.pictures.size(), 2U);
  EXPECT_EQ(report.images, 3);
  EXPECT_EQ(report.pictures[0].title, "one.jpg");
  EXPECT_EQ(report.pictures[0].note, "1 of another class (2 of 3)");
  EXPECT_EQ(report.pictures[0].boxes[0].kind, BoxKind::other_class);
  EXPECT_EQ(report.pictures[0].predicted->at(0).label, "b 0.90");
  EXPECT_EQ(report.pictures[0].predicted->size(), 1U);
  EXPECT_EQ(report.pictures[1].title, "none.jpg");
  EXPECT_EQ(report.pictures[1].note, "no errors (3 of 3)");
  EXPECT_EQ(report.pictures[1].boxes[0].kind, BoxKind::found);
  EXPECT_EQ(report.pictures[1].size, (Size{64, 48}));
}

}  // namespace
}  // namespace pinfeed::test
