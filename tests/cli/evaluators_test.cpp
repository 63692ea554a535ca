// SPDX-License-Identifier: Apache-2.0
// The evaluators of a training.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/cli/training_checks.h"

namespace pinfeed::test {
namespace {

class TrainEvaluators : public TrainingChecks {};

TEST_F(TrainEvaluators, ThatDoNotFitAreNamed) {
  expect_refused("val_evaluator = dict(metric=['bbox', 'segm'])",
                 "error: metric 'segm' compares masks, and the model has no mask_head\n");
  expect_refused("val_evaluator = dict(metric='mask')", "error: metric 'mask' is not known\n");
  expect_refused("val_evaluator = dict(metric_items=['mAP', 'mAP_90'])",
                 "error: metric_items has 'mAP_90', which is not known\n");
  expect_refused("val_evaluator = [dict(type='CocoMetric'), dict(type='CocoMetric')]",
                 "error: val_evaluator[0] and val_evaluator[1] both log 'coco/bbox_mAP'\n");
}

TEST_F(TrainEvaluators, MayBeSeveral) {
  const Outcome outcome = train_with(
      "val_evaluator = [dict(type='CocoMetric', metric=['bbox', 'proposal'], metric_items=['mAP', "
      "'AR@100']), dict(type='CocoMetric', metric='proposal_fast', prefix='fast'), "
      "dict(type='VOCMetric', eval_mode='area', iou_thrs=[0.5, 0.75])]\n"
      "default_hooks = dict(checkpoint=dict(type='CheckpointHook', "
      "save_best=['coco/AR@100', 'pascal_voc/mAP']))");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::size_t at = outcome.err.find("coco/bbox_mAP: ");
  std::size_t before = at;
  for (const std::string name :
       {"coco/bbox_AR@100: ", "coco/mAP: ", "coco/AR@100: ", "fast/AR@100: ", "fast/AR@300: ",
        "fast/AR@1000: ", "pascal_voc/mAP: ", "pascal_voc/AP50: ", "pascal_voc/AP75: "}) {
    const std::size_t found = outcome.err.find(name, at);
    EXPECT_NE(found, std::string::npos) << name << outcome.err;
    EXPECT_GT(found, before) << name << outcome.err;
    before = found;
  }
}

TEST_F(TrainEvaluators, MeasureByTheRulesOfLvis) {
  const std::string lines = "val_evaluator = dict(type='LVISMetric', ann_file='lvis.json')";
  std::ifstream file(folder_.path() / "shapes/annotations/val.json");
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  folder_.write("lvis.json", text);
  expect_refused(lines, "error: lvis.json: categories[0] has no 'frequency', which LVIS needs\n",
                 3);
  const auto add_before = [&](const std::string& key, const std::string& added) {
    for (std::size_t at = text.find(key); at != std::string::npos;
         at = text.find(key, at + added.size() + key.size()))
      text.insert(at, added);
  };
  add_before("\"file_name\":", "\"neg_category_ids\":[],\"not_exhaustive_category_ids\":[],");
  add_before("\"name\":", "\"frequency\":\"c\",");
  folder_.write("lvis.json", text);
  const Outcome outcome = train_with(lines);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("lvis/bbox_APr: -1.0000"), std::string::npos) << outcome.err;
  EXPECT_TRUE(has("out/results.bbox.json"));
}

TEST_F(TrainEvaluators, MeasureADataSetOfPascalVoc) {
  std::string lines =
      voc_validation("dict(classes=('circle', 'square', 'triangle', 'star', 'cross'))");
  lines.replace(lines.find("val_evaluator"), std::string::npos,
                "val_evaluator = dict(_delete_=True, type='VOCMetric')");
  const Outcome outcome = train_with(lines);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("pascal_voc/mAP: "), std::string::npos) << outcome.err;
  EXPECT_TRUE(has("out/results.bbox.json"));
  const Outcome measured = run({"eval", "more.py", "out/epoch_1.safetensors", "--json"});
  EXPECT_TRUE(measured.out.starts_with("{\"metrics\": {\"pascal_voc/mAP\": ")) << measured.out;
}

}  // namespace
}  // namespace pinfeed::test
