// SPDX-License-Identifier: Apache-2.0
// Further places for the logged numbers: vis_backends.
#include "pinfeed/train/logging/scalar_writer.h"

#include "pinfeed/formats/event_file.h"
#include "pinfeed/schemas/runner_keys.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

struct WrittenRun : TestRun {
  explicit WrittenRun(const std::vector<std::string>& types) {
    TrainParts made = parts(settings);
    made.vis_backends = types;
    trained = trainer_of(std::move(made), log);
    trained->run();
  }
};

TEST(ScalarWriter, WritesACsvFile) {
  const WrittenRun run({"CSVVisBackend"});
  const std::string text = file_text(run.folder / "run/vis_data/scalars.csv");
  EXPECT_TRUE(text.starts_with("step,name,value\n2,lr,0.02")) << text;
  EXPECT_NE(text.find("\n14,loss,"), std::string::npos);
}

TEST(ScalarWriter, WritesAnEventFile) {
  const WrittenRun run({"LocalVisBackend", "TensorboardVisBackend"});
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(run.folder / "run/vis_data")) {
    if (entry.path().filename().string().starts_with("events.out.tfevents."))
      bytes = file_text(entry.path());
  }
  EXPECT_EQ(bytes.substr(23, 13), "brain.Event:2");
  EXPECT_NE(bytes.find("loss_square"), std::string::npos);
  EXPECT_NE(bytes.find("grad_norm"), std::string::npos);
}

TEST(ScalarWriter, QuotesNamesInCsv) {
  const TestFolder folder;
  RunLog log(folder.path(), "run", {});
  make_scalar_writers({"CSVVisBackend"}, log).front()->add({{"a,\"b\"", 0.5}}, 3);
  EXPECT_EQ(file_text(folder / "run/vis_data/scalars.csv"),
            "step,name,value\n3,\"a,\"\"b\"\"\",0.5\n");
}

TEST(ScalarWriter, IsChosenByTheConfig) {
  const auto types = [](const std::string& text) {
    return vis_backends(read_config_text(text, "config.py").root);
  };
  const std::vector<std::string> both = {"LocalVisBackend", "TensorboardVisBackend"};
  const std::string list =
      "vis_backends = [dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')]\n";
  EXPECT_EQ(types(list), both);
  EXPECT_EQ(types(list + "visualizer = dict(type='Visualizer', vis_backends=vis_backends)"), both);
  EXPECT_EQ(types(list + "visualizer = dict(type='Visualizer', vis_backends=[])"),
            std::vector<std::string>());
  EXPECT_EQ(types(""), std::vector<std::string>());
}

}  // namespace
}  // namespace pinfeed
