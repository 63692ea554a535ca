// SPDX-License-Identifier: Apache-2.0
// Bad input to the program: the whole message and the exit code.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

constexpr auto config = R"(train_dataloader = dict(
    batch_size=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
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
const std::string first_image = "shapes/train/000000.jpg";
const std::string annotations = "shapes/annotations/train.json";

// The lines after the first one when the data set cannot be built.
const std::string in_the_data_set =
    "  --> config.py:4:13\n"
    "   |     dataset=dict(\n"
    "   |             ^^^^\n"
    "   at train_dataloader.dataset\n";
// ... and when the first image cannot be read.
const std::string advice = "help: check the file, or set pinfeed = dict(on_bad_sample='skip')\n";
const std::string in_the_first_sample =
    "  while reading shapes/train/000000.jpg\n"
    "  while LoadImageFromFile worked on shapes/train/000000.jpg\n"
    "  while loading sample 0\n"
    "  while filling batch 0 of epoch 0\n" +
    advice;

class BadInput : public ::testing::Test {
 protected:
  BadInput() {
    folder_.write("config.py", config);
    const Outcome made = run({"shapes", "shapes", "--size", "64", "--images", "2", "--val", "1"});
    EXPECT_EQ(made.code, 0) << made.err;
  }

  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  void expect_error(const std::vector<std::string>& arguments, int code,
                    const std::string& message) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.err, message);
  }
  void expect_of_batches(int code, const std::string& message) const {
    expect_error({"batches", "config.py", "--hash"}, code, message);
  }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_.path() / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Replaces a text in the file.
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read(name);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(name, text.replace(at, from.size(), to));
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_.path() / name); }

 private:
  TemporaryFolder folder_;
};

TEST_F(BadInput, AnUnknownCommandIsNamed) {
  expect_error({"trian", "config.py"}, 2,
               "error: there is no command 'trian'\n"
               "help: did you mean 'train'? `pinfeed --help` shows them all\n");
}

TEST_F(BadInput, UnsupportedSyntaxIsShown) {
  write("loop.py", "x = 1\nfor i in range(3):\n    x = i\n");
  expect_error({"config", "loop.py"}, 2,
               "error: pinfeed does not read 'for' statements\n"
               "  --> loop.py:2:1\n"
               "   | for i in range(3):\n"
               "   | ^^^\n"
               "help: a config is read, never run: write the values themselves\n");
}

TEST_F(BadInput, AMissingBaseIsShownWithItsLocation) {
  write("child.py", "_base_ = 'nowhere.py'\n");
  expect_error({"config", "child.py"}, 2,
               "error: there is no file 'nowhere.py'\n"
               "  --> child.py:1:10\n"
               "   | _base_ = 'nowhere.py'\n"
               "   |          ^^^^^^^^^^^^\n");
}

TEST_F(BadInput, ACycleOfBasesIsShown) {
  write("a.py", "_base_ = 'b.py'\n");
  write("b.py", "_base_ = ['a.py']\n");
  expect_error({"config", "a.py"}, 2,
               "error: _base_ refers back to its own file: a.py -> b.py -> a.py\n"
               "  --> b.py:1:11\n"
               "   | _base_ = ['a.py']\n"
               "   |           ^^^^^^\n");
}

TEST_F(BadInput, AnUnknownKeyHasANearestName) {
  change("config.py", "shuffle", "shufle");
  expect_of_batches(
      2,
      "error: DefaultSampler has no key 'shufle'\n"
      "  --> config.py:3:41\n"
      "   |     sampler=dict(type='DefaultSampler', shufle=False),\n"
      "   |                                         ^^^^^^\n"
      "   at train_dataloader.sampler.shufle\n"
      "help: did you mean 'shuffle'? DefaultSampler takes: shuffle, seed, round_up\n");
}

TEST_F(BadInput, AnUnknownTypeHasANearestName) {
  change("config.py", "PackDetInputs", "PackDetInput");
  expect_of_batches(
      2,
      "error: there is no transform 'PackDetInput'\n"
      "  --> config.py:12:23\n"
      "   |             dict(type='PackDetInput')]))\n"
      "   |                       ^^^^^^^^^^^^^^\n"
      "   at train_dataloader.dataset.pipeline[2].type\n"
      "help: did you mean 'PackDetInputs'? `pinfeed list transform` shows them all\n");
}

TEST_F(BadInput, AWrongTypeIsShownWithItsValue) {
  change("config.py", "batch_size=2", "batch_size='2'");
  expect_of_batches(2,
                    "error: batch_size must be int, not str '2'\n"
                    "  --> config.py:2:16\n"
                    "   |     batch_size='2',\n"
                    "   |                ^^^\n"
                    "   at train_dataloader.batch_size\n");
}

TEST_F(BadInput, AMissingImageIsNamed) {
  remove(first_image);
  expect_of_batches(3,
                    "error: cannot open shapes/train/000000.jpg: No such file or directory\n"
                    "  while LoadImageFromFile worked on shapes/train/000000.jpg\n"
                    "  while loading sample 0\n"
                    "  while filling batch 0 of epoch 0\n" +
                        advice);
}

TEST_F(BadInput, AnEmptyImageIsNamed) {
  write(first_image, "");
  expect_of_batches(3, "error: the file is empty\n" + in_the_first_sample);
}

TEST_F(BadInput, AFileThatIsNoImageIsNamed) {
  write(first_image, "hello");
  expect_of_batches(
      3, "error: not an image: the file begins with 68 65 6c 6c\n" + in_the_first_sample);
}

TEST_F(BadInput, AnImageThatEndsEarlyIsNamed) {
  const std::string whole = read(first_image);
  write(first_image, whole.substr(0, 700));
  expect_of_batches(
      3, "error: JPEG ends early: 0 of 64 rows, the file has 700 bytes\n" + in_the_first_sample);
}

TEST_F(BadInput, ATruncatedImageThatIsAllowedGivesOneWarning) {
  const std::string whole = read(first_image);
  write(first_image, whole.substr(0, whole.size() - 40));
  change("config.py", "type='LoadImageFromFile'", "type='LoadImageFromFile', allow_truncated=True");
  expect_error({"batches", "config.py", "--hash", "--epochs", "3"}, 0,
               "warning: shapes/train/000000.jpg ends early: its missing pixels are filled in "
               "(allow_truncated=True)\n");
}

TEST_F(BadInput, ARepeatedSampleIsNamedOnce) {
  const std::string text = read("config.py");
  const std::size_t at = text.find("dict(\n        type='CocoDataset'");
  write("config.py", text.substr(0, at) + "dict(type='RepeatDataset', times=2, dataset=" +
                         text.substr(at, text.size() - at - 2) + "))\n");
  write("shapes/train/000001.jpg", "");
  expect_of_batches(3,
                    "error: the file is empty\n"
                    "  while reading shapes/train/000001.jpg\n"
                    "  while LoadImageFromFile worked on shapes/train/000001.jpg\n"
                    "  while loading sample 1\n"
                    "  while filling batch 0 of epoch 0\n" +
                        advice);
}

TEST_F(BadInput, AStartBeyondTheEpochSaysHowManyBatchesThereAre) {
  expect_error({"batches", "config.py", "--hash", "--rank", "2", "--world-size", "2"}, 2,
               "error: --rank is 2 of --world-size 2; ranks count from 0\n");
  expect_error({"batches", "config.py", "--hash", "--start", "5:9"}, 2,
               "error: --start names batch 9; an epoch has 1, counted from 0\n");
}

TEST_F(BadInput, AbsurdNumbersOfTheCommandLineAreErrorsThatNameTheRange) {
  const std::string help = "\nhelp: `pinfeed COMMAND --help` shows its options\n";
  for (const char* number : {"2147483647", "9223372036854775807"}) {
    const std::string start = std::string(number) + ":0";
    expect_error({"batches", "config.py", "--start", start}, 2,
                 "error: --start is " + start +
                     "; the epoch must be from 0 to 1000000, the batch from 0 to 1000000000\n");
    expect_error(
        {"batches", "config.py", "--epochs", number}, 2,
        std::string("error: --epochs: must be a number from 1 to 1000000, not ") + number + help);
    expect_error(
        {"batches", "config.py", "--threads", number}, 2,
        std::string("error: --threads: must be a number from 1 to 1024, not ") + number + help);
  }
}

TEST_F(BadInput, AMissingAnnotationFileIsNamed) {
  remove(annotations);
  expect_of_batches(
      3, "error: cannot open shapes/annotations/train.json: No such file or directory\n" +
             in_the_data_set);
}

TEST_F(BadInput, TruncatedAnnotationsAreNamed) {
  write(annotations, read(annotations).substr(0, 100));
  expect_of_batches(3,
                    "error: shapes/annotations/train.json is not valid JSON: the file ends too "
                    "early at byte 100\n" +
                        in_the_data_set);
}

TEST_F(BadInput, AnnotationsWithoutTheirListsAreNamed) {
  write(annotations, "{}");
  expect_of_batches(3,
                    "error: shapes/annotations/train.json has no 'categories'\n" + in_the_data_set);
}

TEST_F(BadInput, ABoxThatIsNoNumberIsNamed) {
  change(annotations, "\"bbox\":[", "\"bbox\":[NaN,");
  expect_of_batches(3, "error: shapes/annotations/train.json: annotation 1 has a bbox[0] of NaN\n" +
                           in_the_data_set);
}

TEST_F(BadInput, IgnoredBoxesAndCategoriesAreCounted) {
  write(annotations,
        R"({"images": [{"id": 1, "file_name": "000000.jpg", "width": 64, "height": 64}],
            "categories": [{"id": 1, "name": "circle"}, {"id": 2, "name": "square"},
                           {"id": 3, "name": "triangle"}, {"id": 4, "name": "star"},
                           {"id": 5, "name": "cross"}],
            "annotations": [
  {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, -3, 9], "area": 9},
  {"id": 2, "image_id": 1, "category_id": 1, "bbox": [99, 5, 3, 9], "area": 9},
  {"id": 3, "image_id": 1, "category_id": 7, "bbox": [5, 5, 3, 9], "area": 9}]})");
  const std::string begin = "warning: shapes/annotations/train.json: 1 annotation left out, ";
  expect_of_batches(0, begin + "with boxes of negative width or height, the first is 1\n" + begin +
                           "with boxes outside the image, the first is 2\n" + begin +
                           "of categories that the file does not list, the first is 3\n");
}

// The detections of coco-eval.
class BadDetections : public BadInput {
 protected:
  void expect(const std::string& detections, const std::string& message) const {
    write("found.json", detections);
    expect_error({"coco-eval", "shapes/annotations/val.json", "found.json"}, 3, message);
  }
};

TEST_F(BadDetections, OfAFileThatIsMissing) {
  expect_error({"coco-eval", "shapes/annotations/val.json", "nowhere.json"}, 3,
               "error: cannot open nowhere.json: No such file or directory\n");
  expect_error({"coco-eval", "nowhere.json", "nowhere.json"}, 3,
               "error: cannot open nowhere.json: No such file or directory\n");
}

TEST_F(BadDetections, InAFileOfAnotherKind) {
  expect("{}", "error: found.json is no list of detections\n");
  expect("[1, ", "error: found.json is not valid JSON: the file ends too early at byte 4\n");
  expect_error({"coco-eval", "found.json", "found.json"}, 3,
               "error: found.json is a list, not a COCO data set\n");
}

TEST_F(BadDetections, WithoutARequiredField) {
  expect(R"([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}])",
         "error: found.json: detections[0] has no 'score'\n");
  expect(R"([{"image_id": 1, "category_id": 1, "bbox": [1, 2, NaN, 4], "score": 1}])",
         "error: found.json: detections[0] has a bbox[2] of NaN\n");
  expect(R"([{"image_id": 77, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1}])",
         "error: found.json[0] is of image 77, which shapes/annotations/val.json does not have\n");
}

TEST_F(BadDetections, OfMasksAreNotEvaluated) {
  expect_error({"coco-eval", "shapes/annotations/val.json", "x.json", "--iou-type", "segm"}, 2,
               "error: --iou-type segm is not supported yet; use bbox\n");
}

}  // namespace
}  // namespace pinfeed::test
