// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/schema.h"

#include <gtest/gtest.h>

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

struct Crop {
  static constexpr auto name = "Crop";
  Size crop_size = {};
  bool clip = true;
  std::optional<double> ratio = {};
};

void describe(Schema<Crop>& schema) {
  schema.summary("Keeps a window.")
      .required("crop_size", &Crop::crop_size, "window, pixels")
      .optional("clip", &Crop::clip, "cut boxes at the border")
      .optional("ratio", &Crop::ratio, "part of the side")
      .refused("masks", "masks are not read here");
}

struct CommonKeys {
  bool keep_ratio = false;
  int limit = 4;
};

void describe(Schema<CommonKeys>& schema) {
  schema.optional("keep_ratio", &CommonKeys::keep_ratio, "keep the ratio of sides")
      .optional("limit", &CommonKeys::limit, "largest side, pixels", at_least(1))
      .accepted("note", "nothing depends on it")
      .check([](const CommonKeys& params) {
        if (params.limit == 13) throw Error(ErrorKind::config, "limit must not be 13");
      });
}

struct Derived : CommonKeys {
  static constexpr auto name = "Derived";
  int width = 1;
};

void describe(Schema<Derived>& schema) {
  schema.summary("Has common keys.")
      .optional("width", &Derived::width, "pixels")
      .include<CommonKeys>()
      .meaning("keep_ratio", "keep it, and pad the rest");
}

struct Nested {
  static constexpr auto name = "Nested";
  CommonKeys common = {.keep_ratio = true};
};

void describe(Schema<Nested>& schema) {
  schema.summary("Has common keys.").include(&Nested::common);
}

template <class T>
std::string failure_of(std::string_view key, Value value) {
  Dict dict;
  dict.set(key, std::move(value));
  try {
    schema_of<T>().parse(dict, "step");
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

Value crop(std::string_view key, Value value) {
  Dict dict;
  dict.set("type", "Crop");
  dict.set("crop_size", Tuple{{4, 2}});
  dict.set(key, std::move(value));
  return dict;
}

std::string failure(const Value& value) {
  try {
    schema_of<Crop>().parse(value, "pipeline[1]");
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(Schema, FillsTheStruct) {
  const Crop params = schema_of<Crop>().parse(crop("clip", false), "");
  EXPECT_EQ(params.crop_size, (Size{4, 2}));
  EXPECT_FALSE(params.clip);
  EXPECT_FALSE(params.ratio.has_value());
}

TEST(Schema, NamesTheNearestKey) {
  EXPECT_EQ(failure(crop("clipp", true)),
            "error: Crop has no key 'clipp'\n"
            "   at pipeline[1].clipp\n"
            "help: did you mean 'clip'? Crop takes: crop_size, clip, ratio\n");
}

TEST(Schema, NamesTheExpectedType) {
  EXPECT_EQ(failure(crop("clip", "yes")),
            "error: clip must be bool, not str 'yes'\n"
            "   at pipeline[1].clip\n");
}

TEST(Schema, RefusesWithTheReasonUnlessTheKeyIsOff) {
  EXPECT_EQ(failure(crop("masks", false)), "no error");
  EXPECT_EQ(failure(crop("masks", true)),
            "error: Crop does not support 'masks': masks are not read here\n"
            "   at pipeline[1].masks\n");
}

TEST(Schema, IncludesTheKeysOfABase) {
  Dict dict;
  dict.set("keep_ratio", true);
  dict.set("limit", 7);
  dict.set("width", 3);
  dict.set("note", "any");
  const Schema<Derived> schema = schema_of<Derived>();
  const Derived params = schema.parse(dict, "");
  EXPECT_TRUE(params.keep_ratio);
  EXPECT_EQ(params.limit, 7);
  EXPECT_EQ(params.width, 3);
  EXPECT_EQ(repr(schema.shown(params)), "dict(width=3, keep_ratio=True, limit=7)");
  EXPECT_EQ(schema.doc().keys.at(1).meaning, "keep it, and pad the rest");
}

TEST(Schema, IncludesTheChecksOfABase) {
  EXPECT_EQ(failure_of<Derived>("limit", 0),
            "error: limit is 0; it must be at least 1\n"
            "   at step.limit\n");
  EXPECT_EQ(failure_of<Derived>("limit", 13),
            "error: limit must not be 13\n"
            "   at step\n");
  EXPECT_EQ(failure_of<Derived>("sides", 2),
            "error: Derived has no key 'sides'\n"
            "   at step.sides\n"
            "help: Derived takes: width, keep_ratio, limit, note\n");
}

TEST(Schema, TakesTheDefaultsOfAnIncludedMember) {
  EXPECT_TRUE(schema_of<Nested>().parse(Dict{}, "").common.keep_ratio);
  EXPECT_EQ(schema_of<Nested>().doc().keys.at(0).default_text, "True");
  EXPECT_EQ(schema_of<Derived>().doc().keys.at(1).default_text, "False");
}

TEST(Catalog, NamesTheNearestType) {
  Catalog<int, int> catalog("transform");
  catalog.add_with<Crop>([](const Crop& params, int) { return params.crop_size.width; });
  EXPECT_EQ(catalog.make(crop("clip", true), "p", 0), 4);
  Dict wrong;
  wrong.set("type", "mmdet.Crap");
  try {
    catalog.make(wrong, "p", 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: there is no transform 'mmdet.Crap'\n"
              "   at p.type\n"
              "help: did you mean 'Crop'? `pinfeed list transform` shows them all\n");
  }
}

}  // namespace
}  // namespace pinfeed
