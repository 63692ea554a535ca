// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <fstream>

#include "pinfeed/formats/safetensors.h"
#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

TEST_F(Train, LeavesACheckpointLogsCurvesAndImages) {
  const Outcome trained = run({"train", "tiny.py", "--work-dir", "out"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find(" - pinfeed - INFO - Epoch(train) [1][1/2]  lr: 1.0000e-03  eta: 0:0"),
            std::string::npos)
      << trained.err;
  EXPECT_NE(trained.err.find(" - pinfeed - INFO - Epoch(val) [1][2/2]    coco/bbox_mAP: "),
            std::string::npos)
      << trained.err;
  for (const char* name :
       {"out/epoch_1.safetensors", "out/last_checkpoint", "out/tiny.py", "out/curves.svg",
        "out/metrics.json", "out/results.bbox.json", "out/detections"}) {
    EXPECT_TRUE(has(name)) << name;
  }
  const Outcome measured =
      run({"eval", "tiny.py", "out/epoch_1.safetensors", "--json", "--out", "found.json"});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const Outcome again = run({"coco-eval", "shapes/annotations/val.json", "found.json", "--json"});
  EXPECT_EQ(measured.out, again.out);
}

TEST_F(Train, ResumesWhereItStopped) {
  ASSERT_EQ(
      run({"train", "tiny.py", "--work-dir", "straight", "--cfg-options", "train_cfg.max_epochs=2"})
          .code,
      0);
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "resumed"}).code, 0);
  const Outcome second = run({"train", "tiny.py", "--work-dir", "resumed", "--resume",
                              "--cfg-options", "train_cfg.max_epochs=2"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_NE(second.err.find("resumed from resumed/epoch_1.safetensors: epoch 1, iteration 2"),
            std::string::npos);
  for (const char* name : {"straight", "resumed"}) {
    const std::string file = std::string(name) + "/epoch_2.safetensors";
    ASSERT_EQ(run({"weights", file, "--out", std::string(name) + ".safetensors"}).code, 0);
  }
  const SafetensorsFile a = read_safetensors((folder_.path() / "straight.safetensors").string());
  const SafetensorsFile b = read_safetensors((folder_.path() / "resumed.safetensors").string());
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    const Tensor* other = b.find(name);
    ASSERT_NE(other, nullptr) << name;
    EXPECT_EQ(std::memcmp(tensor.data(), other->data(), tensor.bytes()), 0) << name;
  }
}

TEST_F(Train, UsesThePartsOfAPlugin) {
  std::string text = tiny;
  for (const std::string from :
       {"type='DefaultSampler', shuffle=True", "type='DefaultSampler', shuffle=False"}) {
    text.replace(text.find(from), from.size(), "type='BackwardSampler'");
  }
  folder_.write("tiny.py", text);
  EXPECT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 2);
  const std::string plugin = PINFEED_BINARY_DIR "/example_plugin.so";
  const Outcome trained = run({"train", "tiny.py", "--work-dir", "out", "--plugin", plugin});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string checkpoint = "out/epoch_1.safetensors";
  EXPECT_EQ(run({"eval", "tiny.py", checkpoint, "--plugin", plugin}).code, 0);
  EXPECT_EQ(run({"eval", "tiny.py", checkpoint}).code, 2);
}

TEST_F(Train, ResumesFromTheNewestCheckpointAfterADeviceError) {
  std::string text = tiny;
  const std::string steps = "boxes, resize, dict(type='PackDetInputs')]";
  text.replace(text.find(steps), steps.size(), "dict(type='LosesTheDevice'), " + steps);
  text.replace(text.find("shuffle=True"), 12, "shuffle=False");
  text.replace(text.find("max_epochs=1"), 12, "max_epochs=2");
  folder_.write("tiny.py", text);
  const std::string plugin = PINFEED_BINARY_DIR "/lost_device_plugin.so";
  const Outcome lost = run({"train", "tiny.py", "--work-dir", "out", "--plugin", plugin});
  EXPECT_EQ(lost.code, 4);
  const std::string go_on =
      "pinfeed train tiny.py --work-dir out --plugin " + plugin + " --resume\n";
  const std::string message =
      "error: the device failed after iteration 3 of 4: CUDA could not copy 4096 bytes: "
      "unspecified launch failure\n"
      "  while LosesTheDevice worked on shapes/train/000004.jpg\n"
      "  while loading sample 4\n"
      "  while filling batch 1 of epoch 1\n"
      "help: resume from out/epoch_1.safetensors with: " +
      go_on;
  EXPECT_TRUE(lost.err.ends_with("\n" + message)) << lost.err;
  const Outcome second =
      run({"train", "tiny.py", "--work-dir", "out", "--plugin", plugin, "--resume"});
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_TRUE(has("out/epoch_2.safetensors"));
}

TEST_F(Train, RefusesAMissingDevice) {
  const Outcome unknown = run({"train", "tiny.py", "--device", "gpu"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_EQ(unknown.err,
            "error: --device: must be auto, cpu, cuda or cuda:N, not gpu\n"
            "help: `pinfeed COMMAND --help` shows its options\n");
  const Outcome absent = run({"eval", "tiny.py", "none.safetensors", "--device", "cuda:99"});
  EXPECT_EQ(absent.code, 4);
  EXPECT_TRUE(absent.err.starts_with("error: --device cuda:99: torch finds ")) << absent.err;
}

TEST_F(Train, RefusesAnEmptyDataSetNamingTheFilter) {
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "out", "--cfg-options",
                               "train_dataloader.dataset.filter_cfg.min_size=999"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(
      outcome.err,
      "error: the data set of train_dataloader is empty\n"
      "   at train_dataloader.dataset\n"
      "help: filter_cfg=dict(filter_empty_gt=True, min_size=999) leaves none of the 8 images of "
      "shapes/annotations/train.json\n");
}

TEST_F(Train, NamesTheClassesThatTheAnnotationsHave) {
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "out", "--cfg-options",
                               "train_dataloader.dataset.metainfo.classes=(cat,dog)"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err,
            "error: the data set of train_dataloader is empty\n"
            "   at train_dataloader.dataset\n"
            "help: none of its classes is a category of shapes/annotations/train.json; set "
            "metainfo=dict(classes=...) out of circle, square, triangle, star, cross\n");
}

TEST_F(Train, NeedsAWritableWorkDir) {
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "tiny.py/out"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_EQ(outcome.err, "error: cannot make the folder tiny.py/out: Not a directory\n");
}

TEST_F(Train, NamesAMissingCheckpoint) {
  const Outcome outcome = run({"eval", "tiny.py", "none.safetensors"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err, "error: cannot read none.safetensors: No such file or directory\n");
}

TEST_F(Train, RefusesRanksThatAreNotNumbered) {
  ::setenv("WORLD_SIZE", "2", 1);
  const Outcome several = run({"train", "tiny.py", "--work-dir", "out"});
  const Outcome alone = run({"train", "tiny.py", "--work-dir", "out", "--launcher", "none"});
  ::unsetenv("WORLD_SIZE");
  EXPECT_EQ(several.code, 2);
  EXPECT_EQ(several.err,
            "error: RANK is not set in the environment\n"
            "help: start the ranks with torchrun, srun or mpirun, or use --launcher=none or "
            "--nproc\n");
  EXPECT_EQ(alone.code, 0) << alone.err;
}

TEST_F(Train, NeedsACollateThatKeepsDataSamples) {
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "out", "--cfg-options",
                               "train_dataloader.collate_fn.type=yolov5_collate"});
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_NE(
      outcome.err.find("error: the batch has 4 images and 0 data samples; a detector needs one "
                       "for each image\nhelp: end the pipeline with PackDetInputs, and set "
                       "collate_fn=dict(type='pseudo_collate')\n"),
      std::string::npos)
      << outcome.err;
}

TEST_F(Train, NeedsALoadAnnotationsStep) {
  std::string text = tiny;
  text.replace(text.find("[load, boxes, resize,"), 21, "[load, resize,");
  folder_.write("tiny.py", text);
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "out"});
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("error: the data samples have no boxes and labels to learn from\n"
                             "help: add dict(type='LoadAnnotations', with_bbox=True) to the "
                             "pipeline\n"),
            std::string::npos)
      << outcome.err;
}

TEST_F(Train, LrWarnsOfACustomKeyThatMatchesNothing) {
  const Outcome outcome = run({"lr", "tiny.py", "--epoch-length", "1", "--groups", "--cfg-options",
                               "optim_wrapper.paramwise_cfg.custom_keys.ln.lr_mult=0.1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err,
            "warning: optim_wrapper.paramwise_cfg.custom_keys: 'ln' is part of no parameter's name "
            "and changes nothing\n");
}

TEST_F(Train, LrShowsEveryGroupAndTheBaseGroupLast) {
  const Outcome outcome =
      program({"lr", config_, "--epoch-length", "1", "--groups", "--cfg-options",
               "optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult=0.1"},
              folder_.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("iteration,epoch,lr[0],lr[1],")) << outcome.out;
  const std::string row = outcome.out.substr(outcome.out.find('\n') + 1);
  EXPECT_TRUE(row.starts_with("0,0,0.0001,0.0001,")) << row;
  EXPECT_TRUE(row.ends_with(",0.001\n")) << row;
}

TEST(Weights, ListsTensorsWithoutTorch) {
  const TemporaryFolder folder;
  write_safetensors(
      (folder.path() / "w.safetensors").string(),
      {.tensors = {{"blocks.0.norm1.bias", Tensor::empty(DType::float32, {4})},
                   {"optimizer/blocks.0.norm1.bias/step", Tensor::empty(DType::int64, {})}},
       .metadata = {{"pinfeed", R"({"epoch": 3})"}, {"by", "hand"}}});
  const Outcome json = program({"weights", "w.safetensors", "--json"}, folder.path());
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_NE(json.out.find(R"("blocks.0.norm1.bias": {"dtype": "float32", "shape": [4]})"),
            std::string::npos)
      << json.out;
  EXPECT_NE(json.out.find(R"("pinfeed": {"epoch": 3})"), std::string::npos) << json.out;
  const Outcome written =
      program({"weights", "w.safetensors", "--out", "alone.safetensors"}, folder.path());
  EXPECT_EQ(written.err, "wrote 1 tensors to alone.safetensors\n");
}

TEST(Weights, OfPthAreListedAndConverted) {
  const TemporaryFolder folder;
  const std::string file = std::string(PINFEED_SOURCE_DIR) + "/tests/golden/pth/zip.pth";
  const Outcome listed = program({"weights", file}, folder.path());
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_NE(listed.out.find("transposed  float32 (3, 2)\n"), std::string::npos) << listed.out;
  EXPECT_NE(listed.err.find("not read: meta.args, argparse.Namespace"), std::string::npos);
  const Outcome statistics = program({"weights", file, "--stats", "tail"}, folder.path());
  EXPECT_NE(statistics.out.find("min 20, max 23, mean 21.5, std 1.11803"), std::string::npos)
      << statistics.out;
  ASSERT_EQ(program({"weights", file, "--verify", "--out", "w.safetensors"}, folder.path()).code,
            0);
  ASSERT_EQ(program({"weights", "w.safetensors", "--out", "w.pth"}, folder.path()).code, 0);
  EXPECT_EQ(program({"weights", "w.pth"}, folder.path()).out.size(), listed.out.size());
  const Outcome ending = program({"weights", file, "--out", "w.onnx"}, folder.path());
  EXPECT_EQ(ending.code, 2);
}

}  // namespace
}  // namespace pinfeed::test
