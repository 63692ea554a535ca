// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/record_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

namespace pinfeed {
namespace {

TEST(RecordId, AnIntegerStandsForItself) {
  for (const std::int64_t id :
       {std::int64_t{0}, std::int64_t{-7}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(is_reserved_id(id));
    EXPECT_EQ(id_text(id), std::to_string(id));
    EXPECT_EQ(id_json(id), std::to_string(id));
  }
}

TEST(RecordId, ATextHasOneIdEverywhere) {
  const std::int64_t id = text_id("img_00001");
  EXPECT_TRUE(is_reserved_id(id));
  EXPECT_EQ(text_id("img_00001"), id);
  EXPECT_NE(text_id("img_00002"), id);
  EXPECT_NE(text_id("7"), 7);
  EXPECT_EQ(id_text(id), "img_00001");
  EXPECT_EQ(id_json(id), "\"img_00001\"");
  EXPECT_EQ(id_json(digits_id("9223372036854775809")), "9223372036854775809");
}

TEST(RecordId, SortsNumbersByValueAndTextsByBytes) {
  std::vector<std::int64_t> ids = {text_id("b"),
                                   text_id("a10"),
                                   text_id("a9"),
                                   digits_id("18446744073709551615"),
                                   5,
                                   digits_id("-9223372036854775809"),
                                   digits_id("9223372036854775808"),
                                   -3};
  std::sort(ids.begin(), ids.end(), IdLess());
  std::vector<std::string> texts;
  for (const std::int64_t id : ids) texts.push_back(id_text(id));
  EXPECT_EQ(texts,
            (std::vector<std::string>{"-9223372036854775809", "-3", "5", "9223372036854775808",
                                      "18446744073709551615", "a10", "a9", "b"}));
}

TEST(RecordId, IsTheSameForAllThreads) {
  std::vector<std::vector<std::int64_t>> found(4);
  std::vector<std::thread> threads;
  for (auto& ids : found) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < 1000; ++i) ids.push_back(text_id("thread " + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& ids : found) EXPECT_EQ(ids, found[0]);
}

}  // namespace
}  // namespace pinfeed
