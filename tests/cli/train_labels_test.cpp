// SPDX-License-Identifier: Apache-2.0
// Trainings whose annotations have labels that the model cannot learn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/core/file.h"
#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

class TrainLabels : public Train {
 protected:
  void replace_in_annotations(const std::string& before, const std::string& after) const {
    const std::string path = folder_ / "shapes/annotations/train.json";
    std::string text = read_text(path, ErrorKind::data);
    const std::size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << text.substr(0, 500);
    folder_.write("shapes/annotations/train.json", text.replace(at, before.size(), after));
  }
};

TEST_F(TrainLabels, OfASecondCategoryOfTheSameNameAreRefused) {
  replace_in_annotations("\"categories\":[", "\"categories\":[{\"id\":77,\"name\":\"cross\"},");
  const Outcome outcome = run({"train", "tiny.py", "--work-dir", "out"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, testing::HasSubstr(
                               "error: shapes/annotations/train.json: the category 'cross' (id "));
  EXPECT_THAT(outcome.err,
              testing::HasSubstr(") has the label 5, but num_classes of FCOSHead is 5\n"));
  EXPECT_THAT(outcome.err, testing::HasSubstr("help: several categories have the same name: "));
  EXPECT_EQ(outcome.err.find("(train)"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace pinfeed::test
