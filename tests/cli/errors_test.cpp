// SPDX-License-Identifier: Apache-2.0
// Bad input to the program: the whole message and the exit code.
#include "tests/cli/bad_input.h"

namespace pinfeed::test {
namespace {

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

}  // namespace
}  // namespace pinfeed::test
