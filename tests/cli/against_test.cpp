// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>

#include "pinfeed/core/file.h"
#include "pinfeed/formats/safetensors.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

constexpr auto config = R"(train_dataloader = dict(
    batch_size=2,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='CocoDataset',
        ann_file='shapes/annotations/train.json',
        data_prefix=dict(img='shapes/train/'),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(type='PackDetInputs')]))
)";

// Two batches of two images, 32 x 32, and the file "f" of another run.
class Against : public ::testing::Test {
 protected:
  Against() {
    folder_.write("c.py", config);
    EXPECT_EQ(run({"shapes", "shapes", "--size", "32", "--images", "4", "--val", "1"}).code, 0);
    EXPECT_EQ(run({"batches", "c.py", "--dump", "f"}).code, 0);
  }

  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  void expect(const std::vector<std::string>& options, int code, const std::string& out,
              const std::string& err = "") const {
    std::vector<std::string> arguments = {"batches", "c.py", "--against", "f"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.out, out);
    EXPECT_EQ(outcome.err, err);
  }
  // Changes the dump.
  void change(const std::function<void(SafetensorsFile&)>& work) const {
    const std::string path = (folder_.path() / "f").string();
    SafetensorsFile file = read_safetensors(path);
    for (auto& [name, tensor] : file.tensors) {
      Tensor copy = Tensor::empty(tensor.dtype, tensor.shape);
      copy_contiguous(tensor, copy.data());
      tensor = copy;
    }
    work(file);
    write_safetensors(path, file);
  }
  void write(const std::string& text) const { folder_.write("f", text); }
  void write_hashes() const { write(run({"batches", "c.py", "--hash"}).out); }
  std::string hashes() const { return read_text((folder_.path() / "f").string(), ErrorKind::data); }

 private:
  TemporaryFolder folder_;
};

TEST_F(Against, CountsEqualBatches) {
  expect({}, 0, "equal: 2 batches\n");
  expect({"--threads", "3", "--limit", "1"}, 0, "equal: 1 batches\n");
}

TEST_F(Against, NamesThePixelThatDiffers) {
  change([](SafetensorsFile& file) {
    const Tensor& inputs = *file.find("1.inputs");
    auto* pixels = inputs.data_as<std::uint8_t>();
    ASSERT_EQ(inputs.shape, (Shape{2, 3, 32, 32}));
    for (const int at : {0, 5}) pixels[((1 * 3 + 2) * 32 + 7) * 32 + 11 + at] = 0;
    pixels[((1 * 3 + 2) * 32 + 7) * 32 + 11] = 1;
  });
  const Outcome outcome = run({"batches", "c.py", "--against", "f"});
  EXPECT_EQ(outcome.code, 1);
  const std::string begin =
      "different at epoch 0 batch 1: sample 1, inputs at x 11, y 7, channel 2: ";
  EXPECT_EQ(outcome.out.substr(0, begin.size()), begin);
  EXPECT_NE(outcome.out.find(" here, 1 in f; 2 of 6144 values differ\n"), std::string::npos)
      << outcome.out;
}

TEST_F(Against, StopsAtTheFirstBatchThatDiffers) {
  change([](SafetensorsFile& file) {
    *file.find("1.0.labels")->data_as<std::int64_t>() = 77;
    *file.find("0.1.labels")->data_as<std::int64_t>() = 99;
  });
  const Outcome outcome = run({"batches", "c.py", "--against", "f"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out.substr(0, 56), "different at epoch 0 batch 0: sample 1, labels at object");
}

TEST_F(Against, NamesTheRunWithMoreBatches) {
  expect({"--epochs", "2"}, 1, "different at epoch 1 batch 0: f ends after 2 batches\n");
  EXPECT_EQ(run({"batches", "c.py", "--dump", "f", "--epochs", "2"}).code, 0);
  expect({}, 1, "different after 2 batches: this run ends, f has 4\n");
}

TEST_F(Against, ComparesWithAFileOfDigests) {
  write_hashes();
  expect({}, 0, "equal: 2 batches\n");
  const std::string lines = hashes();
  const std::string first = lines.substr(0, lines.find('\n') + 1);
  const std::string real = lines.substr(first.size() + 4, 32);
  const std::string other(32, '0');
  write(first + "0 1 " + other + "\n");
  expect({}, 1, "different at epoch 0 batch 1: " + real + " in this run, " + other + " in f\n");
  write(first);
  expect({}, 1, "different at epoch 0 batch 1: f ends after 1 batches\n");
  write("");
  expect({}, 1, "different at epoch 0 batch 0: f ends after 0 batches\n");
}

TEST_F(Against, RefusesFilesWithoutBatches) {
  write("hello");
  expect({}, 3, "",
         "error: not a safetensors file: it has 5 bytes, the length of the header alone takes 8\n"
         "  while reading f\n");
  write("0 0 12\n");
  expect({}, 3, "",
         "error: line 1 of f is \"0 0 12\"; it must be 'epoch batch digest'\n"
         "help: the lines come from 'pinfeed batches CONFIG --hash'\n");
}

TEST_F(Against, RefusesATruncatedDump) {
  const std::string whole = hashes();
  write(whole.substr(0, whole.size() - 100));
  const Outcome outcome = run({"batches", "c.py", "--against", "f"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("while reading f\n"), std::string::npos) << outcome.err;
}

TEST_F(Against, NamesAFileThatIsMissing) {
  const Outcome outcome = run({"batches", "c.py", "--against", "nowhere"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err, "error: cannot read nowhere: No such file or directory\n");
}

TEST_F(Against, ExcludesDump) {
  EXPECT_EQ(run({"batches", "c.py", "--against", "f", "--dump", "g"}).code, 2);
}

}  // namespace
}  // namespace pinfeed::test
