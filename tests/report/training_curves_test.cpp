// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/training_curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/temporary_folder.h"

namespace pinfeed::test {
namespace {

using testing::ElementsAre;

const Series& named(const std::vector<Series>& curves, const std::string& name) {
  for (const Series& curve : curves) {
    if (curve.name == name) return curve;
  }
  ADD_FAILURE() << name;
  return curves.front();
}

class TrainingCurves : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("20260101_000000/vis_data/scalars.json",
                  R"({"lr": 0.1, "loss": 3.0, "time": 0.5, "data_time": 0.1, "iter": 10, "step": 10}
{"coco/bbox_mAP": 0.25, "coco/bbox_mAP_s": -1, "coco/a_precision": 0.5, "time": 7, "step": 1}
{"lr": 0.1, "loss": 2.0, "iter": 20, "step": 20}
{"lr": 0.1, "loss": 1.5, "iter": 30, "step": 30}
{"lr": 0.1, "lo)");
    folder_.write("20260102_000000/vis_data/scalars.json",
                  R"({"lr": 0.01, "loss": null, "iter": 20, "step": 20}
{"lr": 0.01, "loss": 1.25, "grad_norm": 4.0, "iter": 40, "step": 40}
)");
  }
  TemporaryFolder folder_;
};

TEST_F(TrainingCurves, OfAResumedRunReplaceThoseFromItsStartOn) {
  const std::vector<Series> curves = training_curves(folder_.path());
  const Series& loss = named(curves, "loss");
  EXPECT_THAT(loss.x, ElementsAre(10, 20, 40));
  EXPECT_EQ(loss.y[0], 3.0);
  EXPECT_TRUE(std::isnan(loss.y[1]));
  EXPECT_EQ(loss.y[2], 1.25);
  EXPECT_THAT(named(curves, "coco/bbox_mAP").x, ElementsAre(10));
  EXPECT_THAT(named(curves, "time").y, ElementsAre(0.5));
  for (const Series& curve : curves) EXPECT_NE(curve.name, "coco/bbox_mAP_s");
}

TEST_F(TrainingCurves, AreInChartsByWhatTheyMean) {
  std::vector<std::string> titles;
  for (const PageChart& chart : training_charts(training_curves(folder_.path())))
    titles.push_back(chart.title);
  EXPECT_THAT(titles, ElementsAre("Loss", "coco: AP of each class", "coco: bbox", "Learning rate",
                                  "Norm of the gradient"));
  const std::vector<PageChart> times = time_charts(training_curves(folder_.path()));
  ASSERT_EQ(times.size(), 1U);
  EXPECT_EQ(times[0].curves.size(), 2U);
}

TEST_F(TrainingCurves, OfEqualLearningRatesAreOne) {
  const Series rate{"lr", {1, 2}, {0.1, 0.2}};
  const Series base{"base_lr", {1, 2}, {0.1, 0.2}};
  const Series other{"base_lr", {1, 2}, {0.1, 0.3}};
  EXPECT_EQ(training_charts({base, rate})[0].curves.size(), 1U);
  EXPECT_EQ(training_charts({base, rate})[0].curves[0].name, "lr");
  EXPECT_EQ(training_charts({other, rate})[0].curves.size(), 2U);
}

TEST_F(TrainingCurves, AreNoneWithoutALog) {
  const TemporaryFolder empty;
  EXPECT_TRUE(training_curves(empty.path()).empty());
  EXPECT_TRUE(training_charts({}).empty());
  EXPECT_TRUE(time_charts({}).empty());
}

}  // namespace
}  // namespace pinfeed::test
