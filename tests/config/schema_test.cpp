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

TEST(Schema, SaysWhatTypeItWanted) {
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
