// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

const std::string digest_a = "0123456789abcdef0123456789abcdef";
const std::string digest_b = "fedcba9876543210fedcba9876543210";

// Runs `collate a.txt b.txt` over these texts.
Outcome collate(const std::string& a, const std::string& b) {
  const TemporaryFolder folder;
  folder.write("a.txt", a);
  folder.write("b.txt", b);
  return program({"collate", "a.txt", "b.txt"}, folder.path());
}

void expect_error(const Outcome& outcome, const std::string& message) {
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, message);
}

TEST(Collate, CountsTheBatchesOfEqualStreams) {
  const std::string stream = "0 0 " + digest_a + "\n0 1 " + digest_b + "\n1 0 " + digest_a + "\n";
  const Outcome outcome = collate(stream, stream);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "equal: 3 batches\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Collate, IgnoresLineEnds) {
  const Outcome outcome = collate("0 0 " + digest_a + "\r\n", "0 0 " + digest_a);
  EXPECT_EQ(outcome.out, "equal: 1 batches\n");
  EXPECT_EQ(outcome.code, 0);
}

TEST(Collate, FindsTwoEmptyStreamsEqual) { EXPECT_EQ(collate("", "").out, "equal: 0 batches\n"); }

TEST(Collate, NamesTheFirstDifference) {
  const Outcome outcome =
      collate("0 0 " + digest_a + "\n0 1 " + digest_a + "\n0 2 " + digest_a + "\n",
              "0 0 " + digest_a + "\n0 1 " + digest_b + "\n0 2 " + digest_b + "\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out,
            "different at epoch 0 batch 1: " + digest_a + " in a.txt, " + digest_b + " in b.txt\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Collate, NamesLinesOfDifferentBatches) {
  const Outcome outcome = collate("0 0 " + digest_a + "\n0 1 " + digest_a + "\n",
                                  "0 0 " + digest_a + "\n1 0 " + digest_a + "\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out,
            "different at line 2: epoch 0 batch 1 in a.txt, epoch 1 batch 0 in b.txt\n");
}

TEST(Collate, NamesTheStreamThatEndsFirst) {
  const std::string one = "0 0 " + digest_a + "\n";
  const std::string two = one + "0 1 " + digest_b + "\n";
  const Outcome longer = collate(two, one);
  EXPECT_EQ(longer.code, 1);
  EXPECT_EQ(longer.out, "different at epoch 0 batch 1: " + digest_b +
                            " in a.txt, b.txt ends after 1 batches\n");
  EXPECT_EQ(collate(one, two).out, "different at epoch 0 batch 1: " + digest_b +
                                       " in b.txt, a.txt ends after 1 batches\n");
}

TEST(Collate, RefusesLinesThatAreNoDigests) {
  const std::string good = "0 0 " + digest_a + "\n";
  expect_error(
      collate(good, good + "0 1 " + digest_a.substr(0, 20)),
      "error: line 2 of b.txt is \"0 1 0123456789abcdef0123\"; it must be 'epoch batch digest'\n"
      "help: the lines come from 'pinfeed batches CONFIG --hash'\n");
  expect_error(collate("epoch batch digest\n", good),
               "error: line 1 of a.txt is \"epoch batch digest\"; it must be 'epoch batch digest'\n"
               "help: the lines come from 'pinfeed batches CONFIG --hash'\n");
  expect_error(collate(good + "\n" + good, good),
               "error: line 2 of a.txt is \"\"; it must be 'epoch batch digest'\n"
               "help: the lines come from 'pinfeed batches CONFIG --hash'\n");
}

TEST(Collate, NamesAMissingFile) {
  const TemporaryFolder folder;
  folder.write("a.txt", "");
  expect_error(program({"collate", "a.txt", "b.txt"}, folder.path()),
               "error: cannot read b.txt: No such file or directory\n");
  folder.write("c/d.txt", "");
  expect_error(program({"collate", "c", "a.txt"}, folder.path()),
               "error: cannot read c: Is a directory\n");
}

TEST(Collate, NeedsTwoFiles) {
  const TemporaryFolder folder;
  EXPECT_EQ(program({"collate", "a.txt"}, folder.path()).code, 2);
}

}  // namespace
}  // namespace pinfeed::test
