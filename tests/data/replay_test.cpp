// SPDX-License-Identifier: Apache-2.0
// Golden values: OpenMMLab's own loader (tools/golden/openmmlab_replay.py).
#include <gtest/gtest.h>

#include <sstream>

#include "crc32.h"
#include "pinfeed/config/read_json.h"
#include "pinfeed/data/loader/loader.h"
#include "planning.h"

namespace pinfeed {
namespace {

Dict replay_golden(const std::string& name) {
  std::ifstream file(PINFEED_SOURCE_DIR "/tests/golden/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return read_json(std::make_shared<const SourceText>(SourceText{name, text.str()}));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

Loader loader(const Dict& file, const Value& setting, const std::string& data) {
  std::string text = replaced(file.find("config")->string(), "@DATA@", data);
  std::string keys;
  for (const Dict::Entry& entry : setting.dict().entries()) {
    keys += (keys.empty() ? "" : ", ") + entry.key.text + "=" + repr(entry.value);
  }
  text = replaced(text, "num_workers=0", keys);
  const Value config = read_config_text(text).root;
  LoaderOptions options = loader_options(config);
  options.threads = 2;
  return make_loader(config, "train_dataloader", catalogs(), options);
}

double number(const Value& value) {
  return value.is_int() ? static_cast<double>(value.integer()) : value.real();
}

void expect_numbers(const TreeNode& found, const Value& expected) {
  const TreeNodes& items = found.as<TupleNode>()->items;
  ASSERT_EQ(items.size(), expected.items().size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* whole = items[i].as<std::int64_t>();
    const double value = whole != nullptr ? static_cast<double>(*whole) : *items[i].as<double>();
    EXPECT_EQ(value, number(expected.items()[i]));
  }
}

void expect_boxes(const TreeNode& instances, const Value& expected) {
  const auto& tensor = *instances.find("bboxes")->as<Tensor>();
  ASSERT_EQ(tensor.shape, (Shape{static_cast<std::int64_t>(expected.items().size()), 4}));
  const float* found = tensor.data_as<float>();
  for (const Value& box : expected.items()) {
    for (const Value& side : box.items()) EXPECT_EQ(*found++, static_cast<float>(number(side)));
  }
}

void expect_labels(const TreeNode& instances, const Value& expected) {
  const auto& tensor = *instances.find("labels")->as<Tensor>();
  ASSERT_EQ(tensor.elements(), std::ssize(expected.items()));
  const std::int64_t* found = tensor.data_as<std::int64_t>();
  for (const Value& label : expected.items()) EXPECT_EQ(*found++, label.integer());
}

void expect_sample(const Tensor& inputs, const TreeNode& element, const Value& expected) {
  const TreeNode& meta = *element.find("metainfo");
  EXPECT_EQ(*meta.find("img_id")->as<std::int64_t>(), expected.find("img_id")->integer());
  EXPECT_EQ(crc32(inputs), static_cast<std::uint32_t>(expected.find("crc32")->integer()));
  for (const char* key : {"ori_shape", "img_shape", "scale_factor"}) {
    expect_numbers(*meta.find(key), *expected.find(key));
  }
  EXPECT_EQ(*meta.find("flip")->as<bool>(), expected.find("flip")->boolean());
  const Value& direction = *expected.find("flip_direction");
  const Text* found = meta.find("flip_direction")->as<Text>();
  EXPECT_EQ(found == nullptr ? "None" : std::string(*found),
            direction.is_none() ? "None" : direction.string());
  expect_boxes(*element.find("gt_instances"), *expected.find("bboxes"));
  expect_labels(*element.find("gt_instances"), *expected.find("labels"));
  expect_boxes(*element.find("ignored_instances"), *expected.find("ignored_bboxes"));
}

void expect_batch(const Batch& batch, const Value& expected) {
  EXPECT_EQ(batch.epoch(), expected.find("epoch")->integer());
  EXPECT_EQ(batch.index(), expected.find("batch")->integer());
  const TreeNodes& inputs = batch.data().find("inputs")->as<ListNode>()->items;
  const TreeNodes& elements = batch.data().find("data_samples")->as<ListNode>()->items;
  const auto& samples = expected.find("samples")->items();
  ASSERT_EQ(inputs.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    SCOPED_TRACE("sample " + std::to_string(i));
    expect_sample(*inputs[i].as<Tensor>(), elements[i], samples[i]);
  }
}

void expect_run(Loader loader, const Value& run) {
  for (const Value& expected : run.find("batches")->items()) {
    SCOPED_TRACE("epoch " + repr(*expected.find("epoch")) + " batch " +
                 repr(*expected.find("batch")));
    std::optional<Batch> batch = loader.next();
    if (!batch) batch = loader.next();  // the epoch ended
    ASSERT_TRUE(batch.has_value());
    expect_batch(*batch, expected);
  }
}

class Replay : public testing::TestWithParam<const char*> {};

TEST_P(Replay, ReturnsTheBatchesOfOpenMMLab) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data; PINFEED_DATA names their folder";
  const Dict file = replay_golden(GetParam());
  for (const Value& run : file.find("runs")->items()) {
    const Value& setting = *run.find("setting");
    SCOPED_TRACE(repr(setting));
    expect_run(loader(file, setting, *data), run);
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, Replay,
                         testing::Values("replay_standard.json", "replay_crops.json"));

}  // namespace
}  // namespace pinfeed
