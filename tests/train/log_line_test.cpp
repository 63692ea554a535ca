// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/core/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pinfeed {
namespace {

LogLine line() {
  return {.position = {.epoch = 1, .max_epochs = 12, .iteration = 50, .iterations = 7330},
          .rates = {{"base_lr", 1e-4}, {"lr", 5.688009063105715e-06}},
          .eta_seconds = 183845.9,
          .time = 0.53214,
          .data_time = 0.01171,
          .others = {{"grad_norm", 12.5}, {"loss", 1.20071}, {"loss_cls", 0.7}}};
}

LogLine validation(std::int64_t done, std::int64_t all) {
  LogLine made;
  made.position.mode = "val";
  made.position.epoch = 3;
  made.position.max_epochs = 12;
  made.position.iteration = done;
  made.position.iterations = all;
  made.time = 0.25;
  made.data_time = 0.125;
  return made;
}

TEST(LogLine, EqualsThatOfOpenMMLab) {
  EXPECT_EQ(
      log_text(line()),
      "Epoch(train)  [1][  50/7330]  base_lr: 1.0000e-04 lr: 5.6880e-06  eta: 2 days, 3:04:05  "
      "time: 0.5321  data_time: 0.0117  grad_norm: 12.5000  loss: 1.2007  loss_cls: 0.7000");
}

TEST(LogLine, AlignsTheEpochToTheNumberOfEpochs) {
  LogLine late = line();
  late.position.epoch = 12;
  EXPECT_TRUE(log_text(late).starts_with("Epoch(train) [12][  50/7330]  "));
}

TEST(LogLine, NamesTheMemoryOfADevice) {
  LogLine there = line();
  there.memory_mib = 7241;
  EXPECT_NE(log_text(there).find("data_time: 0.0117  memory: 7241  grad_norm: 12.5000"),
            std::string::npos);
}

TEST(LogLine, CountsIterationsInAnIterationLoop) {
  LogLine iteration = line();
  iteration.position.by_epoch = false;
  EXPECT_TRUE(log_text(iteration).starts_with("Iter(train) [  50/7330]  base_lr: "));
}

TEST(LogLine, HasNoRatesInAValidation) {
  LogLine step = validation(50, 100);
  step.eta_seconds = 61.9;
  EXPECT_EQ(log_text(step),
            "Epoch(val)  [3][ 50/100]    eta: 0:01:01  time: 0.2500  data_time: 0.1250  ");
}

TEST(LogLine, PutsTheTimesAfterTheMetrics) {
  LogLine metrics = validation(9, 9);
  metrics.others = {{"coco/bbox_mAP", 0.378}, {"coco/bbox_mAP_50", 0.5}};
  EXPECT_EQ(
      metrics_text(metrics),
      "Epoch(val)  [3][9/9]    coco/bbox_mAP: 0.3780  coco/bbox_mAP_50: 0.5000  data_time: 0.1250  "
      "time: 0.2500");
  EXPECT_EQ(metrics_json(metrics, 3),
            R"({"coco/bbox_mAP": 0.378, "coco/bbox_mAP_50": 0.5, "data_time": 0.125, )"
            R"("time": 0.25, "step": 3})");
}

TEST(LogLine, IsUnroundedInJson) {
  LogLine exact = line();
  exact.rates = {{"lr", 0.1}};
  exact.others = {{"loss", 0.5}};
  exact.time = 0.25;
  exact.data_time = 0.125;
  EXPECT_EQ(log_json(exact, 57, 57),
            R"({"lr": 0.10000000000000001, "data_time": 0.125, "loss": 0.5, "time": 0.25, )"
            R"("epoch": 1, "iter": 57, "step": 57})");
}

TEST(LogLine, HasNullInJsonForANumberThatIsNotFinite) {
  LogLine made;
  made.rates = {{"lr", 0.5}};
  made.others = {{"loss", -std::nan("")}, {"grad_norm", HUGE_VAL}};
  EXPECT_EQ(log_json(made, 3, 3),
            R"({"lr": 0.5, "loss": null, "grad_norm": null, "epoch": 1, "iter": 3, "step": 3})");
  EXPECT_NE(log_text(made).find("loss: nan  grad_norm: inf"), std::string::npos) << log_text(made);
}

TEST(Duration, IsWrittenAsPythonDoes) {
  EXPECT_EQ(duration_text(0.9), "0:00:00");
  EXPECT_EQ(duration_text(3661), "1:01:01");
  EXPECT_EQ(duration_text(86400), "1 day, 0:00:00");
  EXPECT_EQ(duration_text(183845.9), "2 days, 3:04:05");
}

}  // namespace
}  // namespace pinfeed
