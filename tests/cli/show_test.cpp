// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Show : public testing::Test {
 protected:
  Show() {
    EXPECT_EQ(run({"shapes", "shapes", "--size", "48", "--images", "3", "--val", "1"}).code, 0);
    folder_.write("c.py", loader("train", "") + loader("val", ""));
  }

  // The config of a data loader whose pipeline has `before` before LoadAnnotations.
  static std::string loader(const std::string& split, const std::string& before) {
    return split +
           "_dataloader = dict(batch_size=2, sampler=dict(type='DefaultSampler', shuffle=False), "
           "dataset=dict(type='CocoDataset', ann_file='shapes/annotations/train.json', "
           "data_prefix=dict(img='shapes/train/'), test_mode=True, "
           "metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')), "
           "pipeline=[dict(type='LoadImageFromFile'), " +
           before + "dict(type='LoadAnnotations', with_bbox=True), dict(type='PackDetInputs')]))\n";
  }

  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  std::string content(const std::string& name) const {
    return read_text((folder_.path() / name).string(), ErrorKind::data);
  }

  const TemporaryFolder folder_;
};

TEST_F(Show, WritesTheFormatThatTheNameSays) {
  EXPECT_EQ(run({"show", "c.py", "--out", "sheet.png"}).err, "wrote 3 samples to sheet.png\n");
  EXPECT_THAT(content("sheet.png"), StartsWith("\x89PNG"));
  for (const std::string& name : {std::string("sheet.jpg"), std::string("sheet.JPEG")}) {
    EXPECT_EQ(run({"show", "c.py", "--columns", "2", "--out", name}).code, 0);
    EXPECT_THAT(content(name), StartsWith("\xFF\xD8\xFF"));
  }
  const Outcome other = run({"show", "c.py", "--out", "sheet.webp"});
  EXPECT_EQ(other.code, 2);
  EXPECT_EQ(other.err,
            "error: --out: must end with one of .png, .jpg, .jpeg, not sheet.webp\n"
            "help: `pinfeed COMMAND --help` shows its options\n");
}

// In training the boxes of the file do not fit to the resized image; an evaluation expects them.
TEST_F(Show, WarnsOfObjectsThatATrainingLoadsTooLate) {
  const std::string resize = "dict(type='Resize', scale=(96, 96), keep_ratio=True), ";
  folder_.write("late.py", loader("train", resize) + loader("val", resize));
  EXPECT_THAT(run({"show", "late.py", "--out", "a.png"}).err,
              HasSubstr("warning: the objects are loaded after a step that changed the image"));
  EXPECT_EQ(run({"show", "late.py", "--split", "val", "--out", "b.png"}).err,
            "wrote 3 samples to b.png\n");
  EXPECT_NE(content("a.png"), content("b.png"));
}

}  // namespace
}  // namespace pinfeed::test
