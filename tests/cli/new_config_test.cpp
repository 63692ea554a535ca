// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class NewConfig : public testing::Test {
 protected:
  NewConfig() {
    EXPECT_EQ(run({"shapes", "shapes", "--size", "48", "--images", "3", "--val", "2", "--classes",
                   "star", "circle"})
                  .code,
              0);
  }
  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  Outcome new_config(std::vector<std::string> options) const {
    options.insert(options.begin(), {"new-config", "--images", "shapes/train", "--annotations",
                                     "shapes/annotations/train.json"});
    return run(options);
  }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string content(const std::string& name) const {
    return read_text((folder_.path() / name).string(), ErrorKind::data);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  const TemporaryFolder folder_;
};

TEST_F(NewConfig, NamesTheDataAndItsClasses) {
  const Outcome outcome =
      new_config({"--val", "shapes/annotations/val.json", "--val-images", "shapes/val"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "wrote own_data.py: 3 images to train on, 2 to validate, 2 classes\n");
  const std::string text = content("own_data.py");
  EXPECT_THAT(text, HasSubstr("\nimages = dict(train='" + path("shapes/train/") + "', val='" +
                              path("shapes/val/") + "')\n"));
  EXPECT_THAT(text,
              HasSubstr("\nannotations = dict(train='" + path("shapes/annotations/train.json") +
                        "', val='" + path("shapes/annotations/val.json") + "')\n"));
  EXPECT_THAT(text, HasSubstr("\nclasses = ('star', 'circle')\n"));
  EXPECT_EQ(run({"batches", "own_data.py"}).code, 0);
  EXPECT_EQ(run({"batches", "own_data.py", "--split", "val"}).code, 0);
  EXPECT_THAT(run({"config", "own_data.py", "--check"}).err, HasSubstr(" keys, 0 not supported"));
}

TEST_F(NewConfig, HasNoValidationWithoutAFileForIt) {
  EXPECT_EQ(new_config({"--out", "a.py"}).code, 0);
  EXPECT_THAT(content("a.py"), Not(HasSubstr("val_dataloader")));
  EXPECT_THAT(content("a.py"), Not(HasSubstr("save_best")));
  EXPECT_THAT(run({"config", "a.py", "--check"}).err, HasSubstr(" keys, 0 not supported"));
}

TEST_F(NewConfig, ReplacesNoFile) {
  write("own_data.py", "mine = 1\n");
  const Outcome outcome = new_config({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "error: own_data.py exists already\n"
            "help: choose another file with --out, or delete it\n");
  EXPECT_EQ(content("own_data.py"), "mine = 1\n");
}

TEST_F(NewConfig, NamesAnImageThatIsNotInTheFolder) {
  const Outcome outcome = run({"new-config", "--images", "shapes/val", "--annotations",
                               "shapes/annotations/train.json", "--out", "b.py"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("train.json lists the image '0"));
  EXPECT_THAT(outcome.err, HasSubstr("', which is not in " + path("shapes/val/") + "\n"));
  EXPECT_FALSE(std::filesystem::exists(path("b.py")));
}

// Names with quotes, one class only, the same name twice, no class at all.
TEST_F(NewConfig, TakesTheClassesOfTheFile) {
  const auto with_categories = [&](const std::string& categories) {
    write("f.json", R"({"images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 8}],
                        "annotations": [], "categories": )" +
                        categories + "}");
    write("a.png", "");
    std::filesystem::remove(path("c.py"));
    return run({"new-config", "--images", ".", "--annotations", "f.json", "--out", "c.py"});
  };
  const Outcome quoted = with_categories(R"([{"id": 7, "name": "cat's \"toy\""}])");
  EXPECT_EQ(quoted.code, 0);
  EXPECT_THAT(quoted.err, HasSubstr("has no object of the class 'cat's \"toy\"'\n"));
  EXPECT_EQ(run({"config", "c.py", "--explain", "classes"}).code, 0);
  EXPECT_THAT(content("c.py"), HasSubstr("\nclasses = ('cat\\'s \"toy\"',)\n"));
  EXPECT_THAT(with_categories(R"([{"id": 1, "name": "a"}, {"id": 2, "name": "a"}])").err,
              HasSubstr("f.json has two categories of the name 'a'\n"));
  EXPECT_THAT(with_categories("[]").err, HasSubstr("f.json has no categories\n"));
}

}  // namespace
}  // namespace pinfeed::test
