// SPDX-License-Identifier: Apache-2.0
// What a training finds before its first iteration, and that `config --check` finds the same.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/cli/training_checks.h"

namespace pinfeed::test {
namespace {

struct Verdict {
  std::string lines;
  bool refused;
};

// The readers are the same ones, so both refuse the same configs.
TEST_F(TrainingChecks, AreThoseOfConfigCheck) {
  const std::vector<Verdict> verdicts = {
      {"", false},
      {"model = dict(bbox_head=dict(num_classes=-3))", true},
      {"model = dict(bbox_head=dict(num_classes=4))", true},
      {"model = dict(bbox_head=dict(strides=[8, 16, 32, 64]))", true},
      {"model = dict(backbone=dict(num_heads=3))", true},
      {"model = dict(backbone=dict(init_cfg=dict(type='Xavier', layer='Linear')))", true},
      {"model = dict(init_cfg=dict(type='Constant', val=1))", true},
      {"val_evaluator = dict(metric='segm')", true},
      {"val_evaluator = dict(type='VOCMetric', _delete_=True)", false},
      {"val_evaluator = dict(type='VOCMetric', metric='recall', _delete_=True)", true},
      {"val_evaluator = dict(type='LVISMetric', metric='proposal', _delete_=True)", true},
      {"val_evaluator = dict(type='LVISFixedAPMetric', _delete_=True)", true},
      {"val_evaluator = dict(metric=['bbox', 'proposal', 'proposal_fast'])", false},
      {"val_evaluator = [dict(type='CocoMetric'), dict(type='CocoMetric')]", true},
      {"val_evaluator = [dict(type='CocoMetric'), dict(type='CocoMetric', prefix='b')]", false},
      {"val_cfg = None", true},
      {"custom_hooks = [dict(type='mmengine.SyncBuffersHook')]", false},
      {"custom_hooks = [dict(type='SyncBuffersHook', interval=3)]", true},
      {"custom_hooks = [dict(type='EmptyCacheHook', after_iter=True, priority=40)]", false},
      {"default_hooks = dict(visualization=dict(type='DetVisualizationHook', draw=True))", false},
      {"custom_hooks = [dict(type='MeanTeacherHook')]", true},
      {"custom_hooks = [dict(type='EMAHook', momentum=0.1, priority=49)]", false},
      {"custom_hooks = [dict(type='EMAHook', priority='SOON')]", true},
      {"default_hooks = dict(checkpoint=dict(type='CheckpointHook', filename_tmpl='a'))", true},
      {"default_hooks = dict(checkpoint=dict(type='CheckpointHook', save_best='bbox_mAP'))", true},
      {"param_scheduler = [dict(type='ReduceOnPlateauLR', monitor='mAP')]", true},
      {"env_cfg = dict(cudnn_benchmark='yes')", true},
      {"env_cfg = dict(cudnn_benchmark=True, mp_cfg=dict(mp_start_method='fork'))", false},
      {"env_cfg = dict(benchmark=True)", true},
      {"visualizer = dict(type='Fancy', vis_backends=[dict(type='LocalVisBackend')])", false},
      {"visualizer = dict(type='Visualizer', vis_backends=[dict(type='WandbVisBackend')])", true},
      {"visualizer = dict(vis_backends=[])", true},
      {"vis_backends = dict(type='LocalVisBackend')", true},
      {"activation_checkpointing = ['backbone']", false},
      {"sync_bn = 'torch'\nfind_unused_parameters = True\ncompile = True", false},
      {"launcher = 'ssh'", true},
      {"sync_bn = 'apex'", true},
      {"model_wrapper_cfg = dict(type='MMDistributedDataParallel', static_graph=True)", false},
      {"model_wrapper_cfg = dict(type='MMSeparateDistributedDataParallel')", true},
      {"model_wrapper_cfg = dict(find_unused_parameter=True)", true},
      {"env_cfg = dict(dist_cfg=dict(backend='nccl', timeout=60))", false},
      {"env_cfg = dict(dist_cfg=dict(timeout=0))", true},
      {"runner_type = 'FlexibleRunner'", true},
      {"randomness = dict(seed=1, diff_rank_seed=True)", false},
      {"custom_hooks = [dict(type='Fp16CompresssionHook')]", false},
      {"optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='dynamic')", false},
      {"optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='static')", true},
      {"randomness = dict(deterministic='no')", true},
      {"log_processor = dict(type='LogProcessor', custom_cfg=[dict()])", true},
      {"auto_scale_lr = dict(enable=True)", true},
      {"steps = [dict(type='LoadImageFromFile'), dict(type='PackDetInputs'), "
       "dict(type='RandomFlip', "
       "prob=0.5)]\ntrain_dataloader = dict(dataset=dict(pipeline=steps))",
       true},
  };
  for (const Verdict& verdict : verdicts) {
    const Outcome trained = train_with(verdict.lines);
    EXPECT_EQ(trained.code, verdict.refused ? 2 : 0) << verdict.lines << "\n" << trained.err;
    const Outcome checked = run({"config", "more.py", "--check"});
    const bool refused = checked.out.find("not supported") != std::string::npos;
    EXPECT_EQ(refused, verdict.refused) << verdict.lines << "\n" << checked.out;
  }
}

TEST_F(TrainingChecks, SayWhatIsIgnored) {
  const std::string lines =
      "custom_hooks = [dict(type='EmptyCacheHook')]\n"
      "default_hooks = dict(visualization=dict(type='DetVisualizationHook', draw=True))\n"
      "visualizer = dict(type='Fancy')\n";
  const Outcome trained = train_with(lines);
  for (const char* text :
       {"EmptyCacheHook is ignored: ", "DetVisualizationHook is ignored: detections are drawn once",
        "Fancy is ignored: logs and curves are files in the work dir"}) {
    EXPECT_NE(trained.err.find(text), std::string::npos) << text << "\n" << trained.err;
  }
  const std::string checked = run({"config", "more.py", "--check"}).out;
  EXPECT_NE(checked.find("ignored: detections are drawn once"), std::string::npos) << checked;
}

TEST_F(TrainingChecks, RefuseOtherPlacesForLogsByName) {
  for (const std::string type : {"WandbVisBackend", "MLflowVisBackend", "ClearMLVisBackend"}) {
    expect_refused("vis_backends = [dict(type='LocalVisBackend'), dict(type='" + type + "')]",
                   "error: " + type + " is not supported: logs are files in the work dir\n");
  }
  expect_refused(
      "vis_backends = [dict(type='WandbVisBackend')]",
      "   at vis_backends[0]\n"
      "help: vis_backends may have LocalVisBackend, TensorboardVisBackend and CSVVisBackend; other "
      "programs can import the event files of TensorboardVisBackend\n");
}

TEST_F(TrainingChecks, CompareNumClassesWithTheDataSets) {
  expect_refused("model = dict(bbox_head=dict(num_classes=2))",
                 "error: num_classes of FCOSHead is 2; the data set of train_dataloader has 5 "
                 "classes: circle, square, triangle, star, cross\n");
  expect_refused(
      "val_dataloader = dict(dataset=dict(metainfo=dict(classes=('circle', 'square'))))",
      "error: num_classes of FCOSHead is 5; the data set of val_dataloader has 2 classes: circle, "
      "square\n");
  expect_refused("train_dataloader = dict(dataset=dict(metainfo=dict(classes='circle')))",
                 "are the str 'circle'; a list of names is needed\n");
  EXPECT_EQ(train_with("").code, 0);
  const Outcome measured = run({"eval", "tiny.py", "out/epoch_1.safetensors", "--cfg-options",
                                "val_dataloader.dataset.metainfo.classes=(circle,square)"});
  EXPECT_EQ(measured.code, 2);
  EXPECT_NE(measured.err.find("num_classes of FCOSHead is 5"), std::string::npos) << measured.err;
}

TEST_F(TrainingChecks, NameAMetaKeyThatTheEvaluationNeeds) {
  for (const std::string key : {"img_id", "scale_factor", "img_shape"}) {
    std::string keys;
    for (const std::string other : {"img_id", "img_path", "img_shape", "scale_factor"}) {
      if (other != key) keys += "'" + other + "', ";
    }
    expect_refused(
        "val_dataloader = dict(dataset=dict(pipeline=[{{_base_.load}}, {{_base_.resize}}, "
        "{{_base_.boxes}}, dict(type='PackDetInputs', meta_keys=(" +
            keys + "))]))",
        "error: PackDetInputs leaves out '" + key +
            "', which the evaluation of detections needs\n");
  }
}

TEST_F(TrainingChecks, NameClassesThatTheEvaluatorsFileDoesNotHave) {
  const std::string names = "('person', 'car', 'bus', 'dog', 'cat')";
  expect_refused("val_dataloader = dict(dataset=dict(metainfo=dict(classes=" + names + ")))",
                 "error: the classes person, car, bus, dog, cat of the data set of val_dataloader "
                 "are no categories of shapes/annotations/val.json\n");
}

TEST_F(TrainingChecks, NameWrongPathsOfTheEvaluator) {
  expect_refused("val_evaluator = dict(ann_file='nowhere.json')", "   at val_evaluator.ann_file\n",
                 3);
  folder_.write("others.json",
                R"({"images": [{"id": 77}], "annotations": [], "categories": [
  {"id": 1, "name": "circle"}, {"id": 2, "name": "square"}, {"id": 3, "name": "triangle"},
  {"id": 4, "name": "star"}, {"id": 5, "name": "cross"}]})");
  expect_refused("val_evaluator = dict(ann_file='others.json')",
                 "error: others.json has no image with the id of shapes/val/000000.jpg, which "
                 "val_dataloader loads\n");
  expect_refused("val_evaluator = dict(outfile_prefix='nowhere/results')",
                 "   at val_evaluator.outfile_prefix\n");
}

TEST_F(TrainingChecks, NameTheMetricsBeforeTheFirstIteration) {
  expect_refused(
      "default_hooks = dict(checkpoint=dict(type='CheckpointHook', save_best='bbox_mAP'))",
      "help: the metrics are coco/bbox_mAP, coco/bbox_mAP_50");
  expect_refused(
      "val_evaluator = dict(classwise=True)\n"
      "default_hooks = dict(checkpoint=dict(type='CheckpointHook', "
      "save_best='coco/dog_precision'))",
      "error: save_best is 'coco/dog_precision', which is not a metric\n");
  const Outcome known = train_with(
      "val_evaluator = dict(classwise=True)\n"
      "default_hooks = dict(checkpoint=dict(type='CheckpointHook', "
      "save_best='coco/star_precision'))");
  EXPECT_EQ(known.code, 0) << known.err;
}

TEST_F(TrainingChecks, AcceptAFileNameWithADotBeforeTheCount) {
  const Outcome outcome = train_with(
      "default_hooks = dict(checkpoint=dict(type='CheckpointHook', filename_tmpl='v1.0_{}'))");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has("out/v1.0_1.safetensors"));
}

TEST_F(TrainingChecks, WarnWhenNothingNormalises) {
  const std::string text = "the images of train_dataloader are not normalised";
  EXPECT_NE(train_with("train_dataloader = dict(dataset=dict(type='CocoDataset'))").err.find(text),
            std::string::npos);
  EXPECT_EQ(train_with("").err.find(text), std::string::npos);
}

TEST_F(TrainingChecks, ShowTheLengthOfTheTraining) {
  const std::string log = train_with("").err;
  EXPECT_NE(log.find("INFO - 1 epoch of 2 iterations (2 in all), batch size 4, 8 images, "),
            std::string::npos)
      << log;
}

TEST_F(TrainingChecks, EvaluateTheClassesOfTheDataSetAlone) {
  const Outcome outcome = train_with(
      "model = dict(bbox_head=dict(num_classes=2))\n"
      "train_dataloader = dict(dataset=dict(metainfo=dict(classes=('circle', 'star'))))\n"
      "val_dataloader = dict(dataset=dict(metainfo=dict(classes=('circle', 'star'))))\n"
      "val_evaluator = dict(classwise=True)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("coco/star_precision: "), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("coco/square_precision: "), std::string::npos) << outcome.err;
}

// The categories of a results file are those of the evaluator's file.
TEST_F(TrainingChecks, FindCategoriesByTheNamesOfTheClasses) {
  ASSERT_EQ(train_with("").code, 0);
  std::ifstream file(folder_.path() / "shapes/annotations/val.json");
  std::stringstream text;
  text << file.rdbuf();
  const std::string original = text.str();
  std::string other;
  for (std::size_t i = 0; i < original.size();) {
    // Category ids get another digit in front.
    const bool category = original.compare(i, 14, "\"category_id\":") == 0;
    const bool listed = original.compare(i, 5, "\"id\":") == 0 &&
                        original.find("\"name\"", i) < original.find('}', i);
    const std::size_t key = category ? 14 : listed ? 5 : 0;
    other += original.substr(i, std::max<std::size_t>(key, 1));
    i += std::max<std::size_t>(key, 1);
    if (key == 0) continue;
    while (original[i] == ' ') ++i;
    other += "7";
  }
  folder_.write("other.json", other);
  const Outcome same = run({"eval", "tiny.py", "out/epoch_1.safetensors", "--json"});
  const Outcome changed = run({"eval", "tiny.py", "out/epoch_1.safetensors", "--json",
                               "--cfg-options", "val_evaluator.ann_file=other.json"});
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_EQ(changed.code, 0) << changed.err << other.substr(0, 300);
  const auto stats = [](const std::string& line) {
    return line.substr(line.find("\"stats\""), line.find(']') - line.find("\"stats\""));
  };
  EXPECT_EQ(stats(same.out), stats(changed.out));
}

TEST_F(TrainingChecks, ContinueWithALossThatIsNotANumber) {
  const Outcome outcome = train_with("optim_wrapper = dict(optimizer=dict(lr=1e30))");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("WARNING - the loss is "), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("-nan"), std::string::npos) << outcome.err;
  for (const char* name : {"out/curves.svg", "out/metrics.json"}) EXPECT_TRUE(has(name)) << name;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "out")) {
    std::ifstream file(entry.path() / "vis_data/scalars.json");
    for (std::string line; std::getline(file, line);) {
      EXPECT_EQ(line.find("nan"), std::string::npos) << line;
      EXPECT_EQ(line.find("NaN"), std::string::npos) << line;
    }
  }
}

// The ground truth of annotations in VOC's format and in OpenMMLab's own is that of the data set.
TEST_F(TrainingChecks, EvaluateADataSetWithoutACocoFile) {
  const Outcome trained = train_with(voc_validation("{{_base_.classes}}"));
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("(val) [1][1/1]    coco/bbox_mAP: "), std::string::npos)
      << trained.err;
  folder_.write("records.json",
                R"({"metainfo": {"classes": ["circle", "square", "triangle", "star", "cross"]},
  "data_list": [{"img_path": "000000.jpg", "img_id": 4, "height": 64, "width": 64,
                 "instances": [{"bbox": [4, 5, 40, 42], "bbox_label": 3, "ignore_flag": 0}]}]})");
  const std::string records =
      "val_dataloader = dict(dataset=dict(_delete_=True, type='BaseDetDataset',\n"
      "    ann_file='records.json', data_prefix=dict(img_path='shapes/val'), test_mode=True,\n"
      "    pipeline=[{{_base_.load}}, {{_base_.resize}}, {{_base_.boxes}},\n"
      "    dict(type='PackDetInputs')]))\n"
      "val_evaluator = dict(ann_file=None)";
  const Outcome second = train_with(records);
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_NE(second.err.find("(val) [1][1/1]    coco/bbox_mAP: "), std::string::npos) << second.err;
}

TEST_F(TrainingChecks, WarnOfLabelsThatMeanAnotherClass) {
  const Outcome outcome =
      train_with(voc_validation("dict(classes=('square', 'circle', 'triangle', 'star', 'cross'))"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("WARNING - label 0 is circle in the data set of train_dataloader and "
                             "square in that of val_dataloader: "),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace pinfeed::test
