// SPDX-License-Identifier: Apache-2.0
// Evaluations with masks, by a model that finds the objects of its data set.
#include "pinfeed/train/loop/coco_evaluator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/config/read.h"
#include "pinfeed/core/file.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/synthetic/shapes.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

constexpr Size shapes_size = {96, 64};

// The left half of a box as a mask.
RunMask half_of_box(const float* corners) {
  std::vector<std::uint8_t> pixels(
      static_cast<std::size_t>(shapes_size.width * shapes_size.height));
  const int end = static_cast<int>((corners[0] + corners[2]) / 2.0F);
  for (int y = static_cast<int>(corners[1]); y < static_cast<int>(corners[3]); ++y) {
    for (int x = static_cast<int>(corners[0]); x < end; ++x)
      pixels[static_cast<std::size_t>(y * shapes_size.width + x)] = 1;
  }
  return run_mask(pixels, shapes_size);
}

// Predicts the boxes of the ground truth, with half of each as its mask.
class FindsTheTruth : public Model {
 public:
  explicit FindsTheTruth(bool with_masks) : with_masks_(with_masks) {}
  Losses losses(const ModelInput&) override { return {}; }
  std::vector<Detections> predict(const ModelInput& input) override {
    std::vector<Detections> all;
    for (const DetDataSample& sample : input.data_samples) {
      Detections found{.boxes = sample.boxes,
                       .scores = torch::linspace(0.9, 0.5, sample.boxes.size(0)),
                       .labels = sample.labels};
      for (std::int64_t i = 0; with_masks_ && i < sample.boxes.size(0); ++i)
        found.masks.push_back(half_of_box(sample.boxes[i].contiguous().data_ptr<float>()));
      all.push_back(found);
    }
    return all;
  }

 private:
  bool with_masks_;
};

class MaskEvaluation : public testing::Test {
 protected:
  MaskEvaluation() {
    write_shapes({.images = 1, .val = 6, .size = shapes_size, .max_objects = 4}, folder_.path());
  }

  std::string text(const std::string& evaluator) const {
    return "data = '" + folder_.path() + "/'\n" + R"(
model = dict(type='MaskRCNN', roi_head=dict(mask_head=dict(type='FCNMaskHead', num_classes=5)))
val_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='CocoDataset', data_root=data, ann_file='annotations/val.json',
        data_prefix=dict(img='val/'), test_mode=True,
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='Resize', scale=(48, 32)),
                  dict(type='LoadAnnotations', with_bbox=True), dict(type='PackDetInputs')]))
val_evaluator = )" +
           evaluator + "\n";
  }
  std::unique_ptr<CocoEvaluator> evaluator_of(const std::string& evaluator) const {
    const Value config = read_config_text(text(evaluator), "config.py").root;
    std::vector<std::string> warnings;
    return std::make_unique<CocoEvaluator>(config, "val", builtin(), LoaderOptions{.threads = 1},
                                           Preprocessing{}, torch::kCPU, nullptr, warnings);
  }
  static Scalars evaluated(CocoEvaluator& evaluator, bool with_masks = true) {
    FindsTheTruth model(with_masks);
    evaluator.begin();
    while (evaluator.step(model)) continue;
    return evaluator.finish().metrics;
  }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  TestFolder folder_;
};

double value_of(const Scalars& values, const std::string& name) {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  ADD_FAILURE() << name << " is not logged";
  return -2.0;
}

TEST_F(MaskEvaluation, LogsBoxesAndMasksAndWritesBoth) {
  const auto evaluator = evaluator_of(
      "dict(type='CocoMetric', metric=['bbox', 'segm'], ann_file=data + "
      "'annotations/val.json', outfile_prefix=data + 'found')");
  const Scalars values = evaluated(*evaluator);
  EXPECT_EQ(value_of(values, "coco/bbox_mAP"), 1.0);
  const double masks = value_of(values, "coco/segm_mAP");
  EXPECT_LT(masks, 0.9);
  EXPECT_TRUE(evaluator->metric_names().have("coco/segm_mAP_75"));
  EXPECT_TRUE(std::filesystem::exists(path("found.bbox.json")));
  const auto again = evaluate_results(read_coco_truth(path("annotations/val.json")),
                                      read_coco_results(path("found.segm.json")), IouType::segm,
                                      mmdet_max_detections);
  EXPECT_NEAR(again.stats[0], masks, 0.000501);
  EXPECT_NEAR(again.stats[3], value_of(values, "coco/segm_mAP_s"), 0.000501);
}

TEST_F(MaskEvaluation, TakesTheMasksOfTheDataSet) {
  const auto of_file = evaluator_of(
      "dict(type='CocoMetric', metric='segm', ann_file=data + 'annotations/val.json')");
  const auto of_data_set = evaluator_of("dict(type='CocoMetric', metric='segm')");
  EXPECT_EQ(value_of(evaluated(*of_file), "coco/segm_mAP"),
            value_of(evaluated(*of_data_set), "coco/segm_mAP"));
  const auto named = of_data_set->evaluations();
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].name, "coco/segm");
  EXPECT_EQ(named[0].evaluation.iou_type, IouType::segm);
}

TEST_F(MaskEvaluation, TakesTheMasksOfConcatenatedDataSets) {
  std::string config = text("dict(type='CocoMetric', metric='segm')");
  const std::size_t begin = config.find("    dataset=dict(");
  const std::size_t end = config.find("val_evaluator");
  const std::string one = config.substr(begin + 12, end - begin - 14);
  config.replace(begin, end - begin,
                 "    dataset=dict(type='ConcatDataset', datasets=[" + one + "]))\n");
  std::vector<std::string> warnings;
  CocoEvaluator evaluator(read_config_text(config, "config.py").root, "val", builtin(),
                          LoaderOptions{.threads = 1}, Preprocessing{}, torch::kCPU, nullptr,
                          warnings);
  const auto alone = evaluator_of("dict(type='CocoMetric', metric='segm')");
  EXPECT_NEAR(value_of(evaluated(evaluator), "coco/segm_mAP_50"),
              value_of(evaluated(*alone), "coco/segm_mAP_50"), 0.2);
}

TEST_F(MaskEvaluation, MeasuresAsLvis) {
  std::string lvis = read_text(path("annotations/val.json"), ErrorKind::data);
  const auto replace_all = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = lvis.find(from); at != std::string::npos;
         at = lvis.find(from, at + to.size()))
      lvis.replace(at, from.size(), to);
  };
  replace_all("\"file_name\":",
              "\"neg_category_ids\":[],\"not_exhaustive_category_ids\":[],"
              "\"file_name\":");
  replace_all("\"name\":", "\"frequency\":\"r\",\"name\":");
  std::ofstream(path("lvis.json")) << lvis;
  const auto evaluator =
      evaluator_of("dict(type='LVISMetric', metric=['bbox', 'segm'], ann_file=data + 'lvis.json')");
  const Scalars values = evaluated(*evaluator);
  EXPECT_EQ(value_of(values, "lvis/bbox_AP"), 1.0);
  EXPECT_EQ(value_of(values, "lvis/bbox_APr"), 1.0);
  EXPECT_EQ(value_of(values, "lvis/bbox_APc"), -1.0);
  EXPECT_LT(value_of(values, "lvis/segm_AP"), 0.9);
  EXPECT_TRUE(evaluator->evaluations().empty());
  EXPECT_TRUE(evaluator->has_other_metrics());
  const std::string message = failure_of([&] { evaluator_of("dict(type='LVISMetric')"); });
  EXPECT_TRUE(message.starts_with("error: " + path("annotations/val.json") +
                                  ": categories[0] has no 'frequency', which LVIS needs\n"))
      << message;
}

TEST_F(MaskEvaluation, WarnsOfMasksOfAnotherSize) {
  std::string wide = read_text(path("annotations/val.json"), ErrorKind::data);
  for (std::size_t at = wide.find("\"width\":96"); at != std::string::npos;
       at = wide.find("\"width\":96", at))
    wide.replace(at, 10, "\"width\":97");
  std::ofstream(path("wide.json")) << wide;
  const auto evaluator =
      evaluator_of("dict(type='CocoMetric', metric='segm', ann_file=data + 'wide.json')");
  std::vector<std::string> warnings;
  evaluator->warn_to([&](const std::string& text) { warnings.push_back(text); });
  EXPECT_EQ(value_of(evaluated(*evaluator), "coco/segm_mAP"), 0.0);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings[0].ends_with(
      " detections of the model: masks of another size than the ground truth's match nothing"))
      << warnings[0];
}

TEST_F(MaskEvaluation, NeedsMasksOfTheModel) {
  const auto evaluator = evaluator_of("dict(type='CocoMetric', metric='segm')");
  EXPECT_EQ(failure_of([&] { evaluated(*evaluator, false); }),
            "error: metric 'segm' compares masks, and the model predicts none\n"
            "help: evaluate metric='bbox', or train a model with a mask_head\n");
}

TEST_F(MaskEvaluation, NeedsMasksOfTheAnnotations) {
  std::string bare = read_text(path("annotations/val.json"), ErrorKind::data);
  const std::string key = "\"segmentation\"";
  for (std::size_t at = bare.find(key); at != std::string::npos; at = bare.find(key))
    bare.replace(at, key.size(), "\"outline\"");
  std::ofstream(path("bare.json")) << bare;
  const std::string message = failure_of(
      [&] { evaluator_of("dict(type='CocoMetric', metric='segm', ann_file=data + 'bare.json')"); });
  EXPECT_TRUE(message.starts_with("error: " + path("bare.json") +
                                  ": annotation 1 has no "
                                  "'segmentation', which the evaluation of masks needs\n"))
      << message;
  EXPECT_NE(message.find("at val_evaluator.ann_file\n"), std::string::npos) << message;
}

}  // namespace
}  // namespace pinfeed
