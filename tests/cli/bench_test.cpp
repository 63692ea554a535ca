// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <regex>
#include <set>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using simdjson::dom::element;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto config = R"(
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='CocoDataset',
        ann_file='shapes/annotations/train.json',
        data_prefix=dict(img='shapes/train/'),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(type='Resize', scale=(96, 80), keep_ratio=False),
            dict(type='PhotoMetricDistortion'),
            dict(type='PackDetInputs')]))
)";

class Bench : public ::testing::Test {
 protected:
  Bench() {
    folder_.write("c.py", config);
    EXPECT_EQ(run({"shapes", "shapes", "--size", "64", "--images", "12", "--val", "1"}).code, 0);
  }

  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  Outcome bench(std::vector<std::string> options) const {
    options.insert(options.begin(), {"bench", "c.py", "--threads", "2"});
    return run(options);
  }
  element parsed(const std::string& text) {
    element json;
    EXPECT_EQ(parser_.parse(text).get(json), simdjson::SUCCESS) << text;
    return json;
  }
  const std::filesystem::path& folder() const { return folder_.path(); }
  void write(const std::string& text) const { folder_.write("c.py", text); }

 private:
  TemporaryFolder folder_;
  simdjson::dom::parser parser_;
};

double number(const element& json, std::string_view pointer) {
  double value = -1.0;
  EXPECT_EQ(json.at_pointer(pointer).get(value), simdjson::SUCCESS) << pointer;
  return value;
}

double busy(const element& json, const std::string& stage) {
  return number(json, "/stages/" + stage + "/busy_seconds");
}

TEST_F(Bench, DividesRenderingIntoParts) {
  const Outcome outcome = bench({"--json", "--seconds", "0.4"});
  EXPECT_EQ(outcome.err, "");
  const element json = parsed(outcome.out);
  double parts = 0.0;
  for (const char* stage : {"decode", "resample", "colour", "write"}) {
    EXPECT_GT(busy(json, stage), 0.0) << stage;
    parts += busy(json, stage);
  }
  EXPECT_NEAR(parts / busy(json, "render"), 1.0, 0.02);
  EXPECT_GT(busy(json, "read"), 0.0);
  EXPECT_GT(number(json, "/stages/consumer/wait_seconds"), 0.0);
  EXPECT_GE(number(json, "/stages/slot/wait_seconds"), 0.0);
  EXPECT_TRUE(json["cached_images_per_second"].error() != simdjson::SUCCESS);
}

TEST_F(Bench, ShowsAStageOnEachLineAndAVerdict) {
  const Outcome outcome = bench({"--seconds", "0.2"});
  EXPECT_EQ(outcome.err, "");
  const std::string line = "[ a-z]{14} +[0-9.]+ +[0-9.]+\n";
  EXPECT_TRUE(std::regex_match(
      outcome.out, std::regex("[0-9.]+ images/s, [0-9.]+ CPU-ms per image, 2 threads, batch 4\n"
                              "first batch after [0-9.]+ s, peak memory [0-9]+ MB\n"
                              "stage +busy s +wait s\n(" +
                              line + "){9}[^\n]+\n")))
      << outcome.out;
}

// Loading 4 images takes much less than a step of 30 ms.
TEST_F(Bench, FindsThatTheConsumerIsTheBottleneck) {
  const Outcome outcome = bench({"--json", "--seconds", "1", "--step-ms", "30"});
  const element json = parsed(outcome.out);
  EXPECT_LE(number(json, "/cached_images_per_second"), 4 / 0.03);
  EXPECT_LE(number(json, "/images_per_second"), 4 / 0.03);
  EXPECT_GT(busy(json, "consumer"), 0.5);
  EXPECT_THAT(outcome.out, HasSubstr("\"verdict\": \"the consumer is the bottleneck"));
  EXPECT_THAT(bench({"--seconds", "0.2", "--step-ms", "5"}).out,
              HasSubstr("\nlimit of the consumer: "));
}

TEST_F(Bench, MeasuresAComputingStepWhileTheLoaderRuns) {
  const Outcome outcome =
      bench({"--json", "--seconds", "0.5", "--step-ms", "10", "--step-computes"});
  const element json = parsed(outcome.out);
  const double alone = number(json, "/step_seconds_alone");
  EXPECT_GT(alone, 0.003);
  EXPECT_GT(number(json, "/step_seconds"), 0.003);
  EXPECT_LT(number(json, "/images_per_second") * alone, 4 * 3);
  EXPECT_THAT(bench({"--seconds", "0.2", "--step-ms", "5", "--step-computes"}).out,
              ContainsRegex("\na step of [0-9.]+ ms takes [0-9.]+ ms while the loader runs: "
                            "([+][0-9]|no longer\n)"));
  EXPECT_EQ(bench({"--step-computes"}).code, 2);
}

struct Span {
  double begin = 0.0;
  double length = 0.0;
};

TEST_F(Bench, WritesATraceOfEachThread) {
  ASSERT_EQ(bench({"--seconds", "0.2", "--trace", "t.json"}).code, 0);
  const element json = parsed(read_text((folder() / "t.json").string(), ErrorKind::data));
  std::map<std::int64_t, std::string> lanes;
  std::map<std::string, std::vector<Span>> spans;
  std::set<std::string> names;
  for (const element event : json["traceEvents"].get_array()) {
    const auto lane = event["tid"].get_int64().value();
    if (std::string(event["ph"]) == "M") {
      lanes[lane] = std::string(event.at_pointer("/args/name"));
      continue;
    }
    names.insert(std::string(event["name"]));
    EXPECT_GE(number(event, "/args/batch"), 0) << std::string(event["name"]);
    spans[lanes.at(lane)].push_back({number(event, "/ts"), number(event, "/dur")});
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"plan", "read", "render", "consumer"}));
  for (const char* lane : {"plan", "io-0", "render-0", "render-1", "consumer"}) {
    ASSERT_FALSE(spans[lane].empty()) << lane;
    double end = 0.0;
    for (const Span& span : spans[lane]) {
      EXPECT_GE(span.begin, end - 0.01) << lane;  // one thing at a time
      end = span.begin + span.length;
    }
  }
}

TEST_F(Bench, SuggestsALineThatIsValidInAConfig) {
  write(std::string(config) +
        "custom_imports = dict(imports=['mine'])\n"
        "pinfeed = dict(replay='openmmlab', threads=7, on_bad_sample='skip')\n");
  const Outcome outcome = run({"bench", "c.py", "--suggest", "--seconds", "1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::smatch found;
  EXPECT_THAT(outcome.err,
              StartsWith("warning: custom_imports is not executed: mine\nput this line"));
  const std::string row = " +[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+ +[0-9]+ %(?:  unsteady)?\n";
  ASSERT_TRUE(std::regex_match(
      outcome.out, found,
      std::regex("threads +prefetch +images/s +CPU-ms/image +consumer waits\n(?:" + row +
                 "){5,}(?:unsteady: [^\n]*\n)?"
                 "(pinfeed = dict\\(replay='openmmlab', threads=[0-9]+, on_bad_sample='skip', "
                 "prefetch=[0-9]+\\))\n")))
      << outcome.out;
  write(config + found[1].str() + "\n");
  const Outcome batches = run({"batches", "c.py"});
  EXPECT_EQ(batches.code, 0) << batches.err;
}

TEST_F(Bench, ProposesACacheWhereDecodingDecides) {
  ASSERT_EQ(run({"shapes", "shapes", "--size", "640", "--images", "12", "--val", "1"}).code, 0);
  std::string decoding = config;
  for (const char* step : {"dict(type='Resize', scale=(96, 80), keep_ratio=False),",
                           "dict(type='PhotoMetricDistortion'),"})
    decoding.replace(decoding.find(step), std::string(step).size(), "");
  const auto says = [&](const std::string& keys) {
    write(decoding + keys);
    return run({"bench", "c.py", "--suggest", "--seconds", "1"}).err;
  };
  EXPECT_THAT(says(""), HasSubstr("% of the work; with the key cache='FOLDER'"));
  EXPECT_THAT(says("pinfeed = dict(cache='cached')\n"), Not(HasSubstr("the key cache=")));
}

TEST_F(Bench, RefusesToSuggestAsJson) {
  EXPECT_EQ(bench({"--suggest", "--json"}).code, 2);
  EXPECT_EQ(bench({"--suggest", "--trace", "t.json"}).code, 2);
}

TEST_F(Bench, RefusesAPrefetchOfZero) {
  write(std::string(config) + "pinfeed = dict(prefetch=0)\n");
  EXPECT_THAT(run({"batches", "c.py"}).err,
              HasSubstr("error: prefetch is 0; it must be between 1 and 1000\n"));
}

TEST_F(Bench, ReadsTheFormerKeySeatsWithAWarning) {
  write(std::string(config) + "pinfeed = dict(seats=6)\n");
  const Outcome outcome = run({"batches", "c.py"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("pinfeed.seats=6 is read as prefetch=5: write prefetch"));
  write(std::string(config) + "pinfeed = dict(seats=1)\n");
  EXPECT_THAT(run({"batches", "c.py"}).err,
              HasSubstr("error: seats is 1; it must be between 2 and 1001\n"));
}

TEST_F(Bench, ShowsItsProgressOnATerminal) {
  const std::string text = terminal_output("bench c.py --seconds 1 >out", folder());
  EXPECT_TRUE(std::regex_search(text, std::regex("\r +[0-9.]+ of 1.0 s +[0-9.]+ images/s\x1b\\[K")))
      << text;
  EXPECT_THAT(text, testing::EndsWith("\r\x1b[K"));
  EXPECT_EQ(terminal_output("bench c.py --seconds 1 --quiet >out", folder()), "");
}

}  // namespace
}  // namespace pinfeed::test
