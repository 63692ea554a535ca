// SPDX-License-Identifier: Apache-2.0
// Contracts that every part of the data lists must fulfil.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "pinfeed/data/collates/list.h"
#include "pinfeed/data/datasets/list.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/data/samplers/list.h"
#include "pinfeed/data/transforms/list.h"

namespace pinfeed {
namespace {

template <class Tuple>
struct TypesOf;
template <class... Parts>
struct TypesOf<std::tuple<Parts...>> {
  using type = testing::Types<Parts...>;
};

using EveryPartList =
    decltype(std::tuple_cat(BuiltinTransforms{}, BuiltinDatasets{}, BuiltinSamplers{},
                            BuiltinBatchSamplers{}, BuiltinCollates{}));

template <class Part>
class EveryPart : public testing::Test {};
TYPED_TEST_SUITE(EveryPart, TypesOf<EveryPartList>::type);

TYPED_TEST(EveryPart, DescribesItselfAndEachKey) {
  const PartDoc doc = schema_of<TypeParam>().doc();
  EXPECT_EQ(doc.name, TypeParam::name);
  EXPECT_FALSE(doc.summary.empty());
  for (const KeyDoc& key : doc.keys) {
    EXPECT_FALSE(key.meaning.empty()) << key.name;
    EXPECT_FALSE(key.type.empty()) << key.name;
  }
}

TYPED_TEST(EveryPart, DescribesEachKeyOnce) {
  std::set<std::string> names;
  const PartDoc doc = schema_of<TypeParam>().doc();
  for (const KeyDoc& key : doc.keys) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
  }
}

template <class Part>
class EveryTransform : public testing::Test {};
TYPED_TEST_SUITE(EveryTransform, TypesOf<BuiltinTransforms>::type);

TYPED_TEST(EveryTransform, DeclaresTheFieldsItUses) {
  const Catalogs catalogs = builtin();
  const Transform made = made_transform(TypeParam{}, {.catalogs = &catalogs});
  EXPECT_EQ(made.name, TypeParam::name);
  constexpr bool has_nested_steps =
      std::is_same_v<TypeParam, RandomChoice> || std::is_same_v<TypeParam, RandomApply>;
  if (has_nested_steps) GTEST_SKIP() << "the fields are those of the nested steps";
  EXPECT_FALSE(made.use.needs.empty());
  EXPECT_FALSE((made.use.updates | made.use.creates).empty());
  EXPECT_TRUE(static_cast<bool>(made.apply));
}

TYPED_TEST(EveryTransform, HasABoundIfItChangesTheImage) {
  const Catalogs catalogs = builtin();
  const Transform made = made_transform(TypeParam{}, {.catalogs = &catalogs});
  const bool reads_files = std::is_same_v<TypeParam, LoadImageFromFile>;
  const bool changes = (made.use.updates | made.use.creates).has(Field::image);
  if (changes) {
    EXPECT_EQ(static_cast<bool>(made.bound), !reads_files);
  }
}

TEST(Builtin, ContainsEveryPartOfTheLists) {
  const Catalogs catalogs = builtin();
  EXPECT_EQ(catalogs.transforms.names().size(), std::tuple_size_v<BuiltinTransforms>);
  EXPECT_EQ(catalogs.datasets.names().size(), std::tuple_size_v<BuiltinDatasets>);
  EXPECT_EQ(catalogs.samplers.names().size(), std::tuple_size_v<BuiltinSamplers>);
  EXPECT_EQ(catalogs.batch_samplers.names().size(), std::tuple_size_v<BuiltinBatchSamplers>);
  EXPECT_EQ(catalogs.collates.names().size(), std::tuple_size_v<BuiltinCollates>);
}

}  // namespace
}  // namespace pinfeed
