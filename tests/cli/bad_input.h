// SPDX-License-Identifier: Apache-2.0
// A folder with a small data set and a config, to be broken.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace pinfeed::test {

constexpr auto bad_input_config = R"(train_dataloader = dict(
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
inline const std::string first_image = "shapes/train/000000.jpg";
inline const std::string annotations = "shapes/annotations/train.json";

// The lines after the first one when the data set cannot be built.
inline const std::string in_the_data_set =
    "  --> config.py:4:13\n"
    "   |     dataset=dict(\n"
    "   |             ^^^^\n"
    "   at train_dataloader.dataset\n";
// ... and when the first image cannot be read.
inline const std::string advice =
    "help: check the file, or set pinfeed = dict(on_bad_sample='skip')\n";
inline const std::string in_the_first_sample =
    "  while reading shapes/train/000000.jpg\n"
    "  while LoadImageFromFile worked on shapes/train/000000.jpg\n"
    "  while loading sample 0\n"
    "  while filling batch 0 of epoch 0\n" +
    advice;

class BadInput : public ::testing::Test {
 protected:
  BadInput() {
    folder_.write("config.py", bad_input_config);
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

}  // namespace pinfeed::test
