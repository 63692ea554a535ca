// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

double number(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  return at == std::string::npos ? -1.0 : std::strtod(json.c_str() + at + key.size() + 4, nullptr);
}

// The whole line: N is a number, M a number or null (without lockable memory or a device).
std::string contract(const std::string& end = "") {
  std::string line =
      R"re(\{"backend": "(host|cuda)", "device": "[^"]+", "ram_bytes": N, "lockable_bytes": N, )re"
      R"re("page_bytes": N, "huge_page_bytes": N, "pool": \{"limit_bytes": N, "used_bytes": N, )re"
      R"re("kept_bytes": N, "hits": N, "misses": N\}, "rates": \{"pageable_to_fresh": N, )re"
      R"re("pageable_to_pageable": N, "pageable_to_pinned": M, "pageable_to_device": M, )re"
      R"re("staged_to_device": M, "pinned_to_device_waiting": M, "pinned_to_device": M, )re"
      R"re("device_to_pinned": M, "both_ways": M\}, "allocate_seconds_per_gib": )re"
      R"re(\{"pageable": N, "pinned": M, "pooled": N\}, "overlap": (null|\{"copy_seconds": N, )re"
      R"re("kernel_seconds": N, "together_seconds": N, "hidden": N\})B\})re";
  line.replace(line.rfind('B'), 1, end);
  const std::string digits = R"re([0-9.]+(e[+-][0-9]+)?)re";
  line = std::regex_replace(line, std::regex(": N"), ": " + digits);
  return std::regex_replace(line, std::regex(": M"), ": (null|" + digits + ")") + "\n";
}

TEST(Memory, PrintsOneJsonObjectForScripts) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(std::regex_match(outcome.out, std::regex(contract()))) << outcome.out;
  EXPECT_LE(number(outcome.out, "lockable_bytes"), number(outcome.out, "ram_bytes"));
  EXPECT_GE(number(outcome.out, "page_bytes"), 4096);
  EXPECT_EQ(number(outcome.out, "misses"), 1);
  EXPECT_GT(number(outcome.out, "pageable_to_pageable"), 1e6);
}

TEST(Memory, PrintsATableAndAnExplanation) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"memory"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  std::size_t at = 0;
  for (const char* part :
       {"GB/s", "copies of ", "until 1 GiB can be written", "\nRAM  ", "\nPageable  ", "\nPinned  ",
        "\nDevice  ", "\nTwo routes lead to ", "\nOverlap  "}) {
    at = outcome.out.find(part, at);  // in this order
    ASSERT_NE(at, std::string::npos) << part << "\n" << outcome.out;
  }
}

// Copies by the CPU are no evidence for what DMA does.
TEST(Memory, SaysWhatTheHostBackEndCannotShow) {
  const TemporaryFolder folder;
  const Outcome json = program({"memory", "--json"}, folder.path());
  const Outcome text = program({"memory"}, folder.path());
  const bool host = json.out.find("\"backend\": \"host\"") != std::string::npos;
  EXPECT_EQ(text.out.find("the figures above cannot show their difference") != std::string::npos,
            host);
  EXPECT_EQ(text.out.find("of link") == std::string::npos, host);
  EXPECT_EQ(text.out.find("Both run on the CPU") == std::string::npos,
            !host || json.out.find("\"overlap\": null") != std::string::npos);
}

TEST(Memory, RefusesOptionsOfALoaderWithoutAConfig) {
  const TemporaryFolder folder;
  for (const std::string option : {"--seed", "--threads", "--start", "--split", "--cfg-options"}) {
    const std::string value = option == "--split" ? "val" : option == "--start" ? "0:1" : "1";
    const Outcome outcome = program({"memory", option, value}, folder.path());
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "error: " + option +
                               " requires config\n"
                               "help: `pinfeed COMMAND --help` shows its options\n");
  }
}

TEST(Memory, MeasuresABatchOfAConfigAndPlotsIt) {
  const TemporaryFolder folder;
  ASSERT_EQ(program({"shapes", "shapes", "--images", "4", "--val", "1"}, folder.path()).code, 0);
  folder.write("c.py",
               "train_dataloader = dict(batch_size=2, num_workers=0,\n"
               "    sampler=dict(type='DefaultSampler', shuffle=False),\n"
               "    collate_fn=dict(type='default_collate'),\n"
               "    dataset=dict(type='CocoDataset', data_root='shapes/',\n"
               "        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),\n"
               "        ann_file='annotations/train.json', data_prefix=dict(img='train/'),\n"
               "        pipeline=[dict(type='LoadImageFromFile'),\n"
               "                  dict(type='Resize', scale=(64, 32), keep_ratio=False),\n"
               "                  dict(type='PackInputs')]))\n");
  const Outcome outcome =
      program({"memory", "c.py", "--json", "--plot", "rates.svg"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(std::regex_match(outcome.out, std::regex(contract(", \"batch_bytes\": 12288"))))
      << outcome.out;
  const std::string drawing = read_text((folder.path() / "rates.svg").string(), ErrorKind::data);
  EXPECT_NE(drawing.find("pageable to pinned that is used again"), std::string::npos);
  EXPECT_NE(drawing.find("ms per batch"), std::string::npos);
}

}  // namespace
}  // namespace pinfeed::test
