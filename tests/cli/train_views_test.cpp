// SPDX-License-Identifier: Apache-2.0
// The event files of a training, as the tensorboard package reads them.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/cli/python_script.h"
#include "tests/cli/training_checks.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;

class TrainViews : public TrainingChecks {
 protected:
  std::filesystem::path folder_of_run() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "out")) {
      if (std::filesystem::exists(entry.path() / "vis_data")) return entry.path() / "vis_data";
    }
    return {};
  }
};

TEST_F(TrainViews, AreReadByTensorboard) {
  const Outcome trained = train_with(
      "vis_backends = [dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend'), "
      "dict(type='CSVVisBackend')]");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto events = script_output("train/read_events.py", folder_of_run().string());
  if (!events) GTEST_SKIP() << "no tensorboard; PINFEED_PYTHON can name a Python that has it";
  EXPECT_THAT(*events, HasSubstr("\"lr\": [[1, 0.0010000000474974513], [2, "));
  EXPECT_THAT(*events, HasSubstr("\"loss\": [[1, "));
  EXPECT_THAT(*events, HasSubstr("\"coco/bbox_mAP\": [[1, "));
  EXPECT_THAT(*events, HasSubstr("\"images\": {\"1\": [[1072, 616]], \"2\": "));
  EXPECT_THAT(*events, HasSubstr("train_cfg = dict("));
  // The CSV file has the same numbers.
  std::ifstream csv(folder_of_run() / "scalars.csv");
  std::string line;
  int losses = 0;
  while (std::getline(csv, line)) {
    if (line.find(",loss,") == std::string::npos) continue;
    ++losses;
    const float value = std::stof(line.substr(line.rfind(',') + 1));
    EXPECT_THAT(*events, HasSubstr(std::to_string(value).substr(0, 6))) << line;
  }
  EXPECT_EQ(losses, 2);
}

TEST_F(TrainViews, ShowTheProgressInATerminal) {
  const std::string shown = terminal_output("train tiny.py --work-dir out", folder_.path());
  EXPECT_THAT(shown, testing::ContainsRegex("epoch 1 of 1, 1 of 2  eta 0:00:0[0-9]  lr [0-9.e-]+  "
                                            "data_time [0-9.]+  memory [0-9]+ MiB  loss [0-9.]+"));
}

}  // namespace
}  // namespace pinfeed::test
