// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/published_checkpoint.h"

#include <algorithm>
#include <cstdio>

#include "pinfeed/formats/safetensors.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "tests/train/given_scores.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

std::string with_published(const std::string& keys) {
  return with(settings,
              "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1, "
              "max_keep_ckpts=1, save_best='auto', published_keys=" +
                  keys + ")");
}

// The first 8 digits that sha256sum of coreutils prints.
std::string sha256sum(const std::string& path) {
  FILE* output = popen(("sha256sum '" + path + "'").c_str(), "r");
  std::string digits(8, ' ');
  EXPECT_EQ(fread(digits.data(), 1, digits.size(), output), digits.size());
  EXPECT_EQ(pclose(output), 0);
  return digits;
}

bool has_state(const SafetensorsFile& file) {
  return std::any_of(file.metadata.begin(), file.metadata.end(),
                     [](const auto& entry) { return entry.first == state_key; });
}

// Trains and gives the checkpoints that were published, sorted.
struct PublishedRun : TestRun {
  explicit PublishedRun(const std::string& keys) : TestRun(with_published(keys)) {
    TrainParts made = parts(with_published(keys));
    made.evaluator = std::make_shared<GivenScores>(std::vector<double>{0.2, 0.5, 0.3});
    owned = trainer_of(std::move(made), log);
    owned->run();
    for (const std::string& name : folder.checkpoints()) {
      if (name.find('-') != std::string::npos) names.push_back(name);
    }
  }

  std::unique_ptr<Trainer> owned;
  std::vector<std::string> names;
};

TEST(PublishedCheckpoint, HasTheWeightsAndTheStartOfItsSha256InItsName) {
  const PublishedRun run("['meta', 'state_dict']");
  ASSERT_EQ(run.names.size(), 2U);
  EXPECT_EQ(run.names[0].rfind("best_coco_bbox_mAP_epoch_2-", 0), 0U) << run.names[0];
  EXPECT_EQ(run.names[1].rfind("epoch_3-", 0), 0U) << run.names[1];
  for (const std::string& name : run.names) {
    const std::string path = run.folder.path() + "/" + name;
    EXPECT_EQ(name.substr(name.find('-') + 1), sha256sum(path) + ".safetensors");
    const SafetensorsFile file = read_safetensors(path);
    const std::string whole =
        run.folder.path() + "/" + name.substr(0, name.find('-')) + ".safetensors";
    std::size_t weights = 0;
    for (const auto& [key, tensor] : read_safetensors(whole).tensors)
      weights += is_training_state(key) ? 0 : 1;
    EXPECT_EQ(file.tensors.size(), weights);
    EXPECT_GT(weights, 0U);
    EXPECT_TRUE(has_state(file));
  }
}

TEST(PublishedCheckpoint, LeavesTheStateOutWithoutMeta) {
  const PublishedRun run("'state_dict'");
  ASSERT_EQ(run.names.size(), 2U);
  const SafetensorsFile file = read_safetensors(run.folder.path() + "/" + run.names[1]);
  EXPECT_FALSE(has_state(file));
  EXPECT_EQ(file.metadata.size(), 3U);  // the formats of the file and of checkpoints, the version
}

TEST(PublishedCheckpoint, RefusesOtherKeys) {
  const std::string text = with_published("['state_dict', 'optimizer']");
  EXPECT_THROW(
      {
        try {
          (void)read_hooks(read_config_text(text, "config.py").root);
        } catch (const Error& error) {
          EXPECT_NE(error.text().find("published_keys has 'optimizer'"), std::string::npos)
              << error.text();
          throw;
        }
      },
      Error);
}

}  // namespace
}  // namespace pinfeed
