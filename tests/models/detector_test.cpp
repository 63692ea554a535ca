// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detector.h"

#include <gtest/gtest.h>

#include <memory>

#include "pinfeed/core/error.h"
#include "pinfeed/models/detectors/single_stage.h"

namespace pinfeed {
namespace {

// A backbone, a neck and a head that are none of pinfeed's own.
class MeanBackbone : public Backbone {
 public:
  MeanBackbone() { register_parameter("scale", torch::full({1}, 2.0)); }
  FeatureMaps forward(const torch::Tensor& images, const ModelRandom&) override {
    return {images.mean(1, true) * named_parameters()["scale"]};
  }
  std::vector<std::int64_t> out_channels() const override { return {1}; }
  LayerDepth layer_depth(const std::string& parameter) const override {
    return {parameter == "scale" ? 1 : 3, 4};
  }
  bool has_weight_decay(const std::string& parameter) const override {
    return parameter != "scale";
  }
};

class TwiceNeck : public Neck {
 public:
  FeatureMaps forward(const FeatureMaps& maps) override { return {maps[0], maps[0]}; }
  std::vector<std::int64_t> out_channels() const override { return {1, 1}; }
};

class SumHead : public DenseHead {
 public:
  SumHead() { register_parameter("bias", torch::zeros({1})); }
  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>&,
                const ModelRandom&) override {
    torch::Tensor sum = torch::zeros({});
    for (const torch::Tensor& level : levels) sum = sum + level.sum();
    return {{"loss", sum}};
  }
  std::vector<Detections> predict(const FeatureMaps&,
                                  const std::vector<DetDataSample>& samples) override {
    return std::vector<Detections>(samples.size());
  }
};

SingleStageDetector detector(std::shared_ptr<Neck> neck) {
  return {std::make_shared<MeanBackbone>(), std::move(neck), std::make_shared<SumHead>()};
}

TEST(Detector, WorksWithAnyParts) {
  const ModelInput input{.images = torch::ones({2, 3, 2, 2}), .data_samples = {{}, {}}};
  SingleStageDetector with_neck = detector(std::make_shared<TwiceNeck>());
  EXPECT_EQ(with_neck.losses(input).front().second.item<float>(), 32.0F);
  EXPECT_EQ(with_neck.predict(input).size(), 2U);
  EXPECT_EQ(detector(nullptr).losses(input).front().second.item<float>(), 16.0F);
}

TEST(Detector, NeedsADataSampleForEachImage) {
  const ModelInput input{.images = torch::ones({2, 3, 2, 2}), .data_samples = {}};
  SingleStageDetector model = detector(nullptr);
  for (const bool training : {true, false}) {
    try {
      if (training) model.losses(input);
      if (!training) model.predict(input);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      EXPECT_EQ(error.text(),
                "the batch has 2 images and 0 data samples; a detector needs one for each image");
    }
  }
}

TEST(Detector, NeedsGroundTruthToTrainOnly) {
  const ModelInput input{.images = torch::ones({1, 3, 2, 2}),
                         .data_samples = {{.has_truth = false}}};
  SingleStageDetector model = detector(nullptr);
  EXPECT_EQ(model.predict(input).size(), 1U);
  try {
    model.losses(input);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error.text(), "the data samples have no boxes and labels to learn from");
  }
}

TEST(Detector, NamesItsPartsAsMmdet) {
  const auto parameters = detector(nullptr).named_parameters();
  EXPECT_TRUE(parameters.contains("backbone.scale"));
  EXPECT_TRUE(parameters.contains("bbox_head.bias"));
}

TEST(Detector, AsksTheBackboneForLayerDepthAndWeightDecay) {
  const SingleStageDetector model = detector(nullptr);
  EXPECT_EQ(model.layer_depth("backbone.scale"), (LayerDepth{1, 4}));
  EXPECT_EQ(model.layer_depth("bbox_head.bias"), (LayerDepth{3, 4}));
  EXPECT_FALSE(model.has_weight_decay("backbone.scale"));
  EXPECT_TRUE(model.has_weight_decay("bbox_head.scale"));
}

}  // namespace
}  // namespace pinfeed
