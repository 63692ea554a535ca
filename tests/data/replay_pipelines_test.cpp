// SPDX-License-Identifier: Apache-2.0
// Golden values: OpenMMLab's own loader (tools/golden/openmmlab_pipelines.py, openmmlab_steps.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "crc32.h"
#include "pinfeed/config/read_json.h"
#include "pinfeed/data/loader/loader.h"
#include "planning.h"

namespace pinfeed {
namespace {

Dict golden_file(const std::string& name) {
  std::ifstream stream(PINFEED_SOURCE_DIR "/tests/golden/" + name);
  std::ostringstream text;
  text << stream.rdbuf();
  return read_json(std::make_shared<const SourceText>(SourceText{name, text.str()}));
}

const std::vector<Dict>& goldens() {
  static const std::vector<Dict> files = {golden_file("replay_pipelines.json"),
                                          golden_file("replay_steps.json")};
  return files;
}

// The golden file that contains the pipeline.
const Dict& golden_of(const std::string& pipeline) {
  const auto has = [&](const Dict& file) {
    return file.find("pipelines")->find(pipeline) != nullptr;
  };
  return *std::find_if(goldens().begin(), goldens().end(), has);
}

std::string config_text(const Value& run, const std::string& data) {
  const std::string& pipeline = run.find("pipeline")->string();
  std::string dataset = golden_of(pipeline).find("pipelines")->find(pipeline)->string();
  const std::string position = "@DATA@";
  for (std::size_t at = 0; (at = dataset.find(position, at)) != std::string::npos;) {
    dataset.replace(at, position.size(), data);
  }
  std::string keys;
  for (const Dict::Entry& entry : run.find("setting")->dict().entries()) {
    keys += ", " + entry.key.text + "=" + repr(entry.value);
  }
  return "randomness = dict(seed=" + repr(*run.find("seed")) +
         ")\npinfeed = dict(replay='openmmlab')\ntrain_dataloader = dict(batch_size=3, "
         "sampler=dict(type='DefaultSampler', shuffle=True), "
         "collate_fn=dict(type='pseudo_collate'), dataset=" +
         dataset + keys + ")\n";
}

Loader loader(const Value& run, const std::string& data) {
  const Value config = read_config_text(config_text(run, data)).root;
  LoaderOptions options = loader_options(config);
  options.threads = 2;
  return make_loader(config, "train_dataloader", catalogs(), options);
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string hex(const Tensor& tensor) { return fmt::format("{:08x}", crc32(tensor)); }

std::string scale_factor(const TreeNode& meta) {
  const TreeNode* factor = meta.find("scale_factor");
  if (factor == nullptr) return "-";
  std::string text;
  for (const TreeNode& one : factor->as<TupleNode>()->items) {
    text += (text.empty() ? "" : ",") + repr(Value(*one.as<double>()));
  }
  return text;
}

double value_at(const Tensor& inputs, std::int64_t channel, std::int64_t y, std::int64_t x) {
  const std::int64_t at =
      channel * inputs.strides[0] + y * inputs.strides[1] + x * inputs.strides[2];
  if (inputs.dtype == DType::uint8) return inputs.data_as<std::uint8_t>()[at];
  return static_cast<double>(inputs.data_as<float>()[at]);
}

// Single pixels, for images whose last digits may differ from upstream's.
std::vector<double> values_of(const Tensor& inputs) {
  const std::int64_t height = inputs.shape[1];
  const std::int64_t width = inputs.shape[2];
  const std::pair<std::int64_t, std::int64_t> places[] = {{height / 3, width / 4},
                                                          {height / 2, width / 2},
                                                          {2 * height / 3, 3 * width / 4},
                                                          {height / 5, width - 1}};
  std::vector<double> values;
  for (const auto& [y, x] : places) {
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      values.push_back(value_at(inputs, channel, y, x));
    }
  }
  return values;
}

// The number of objects and the checksums of their values; pre-training has none.
std::vector<std::string> objects_of(const TreeNode& element) {
  const TreeNode* own = element.find("gt_instances");
  if (own == nullptr) return {"0", "-", "-", "-", "-"};
  const TreeNode* masks = own->find("masks");
  return {std::to_string(own->find("labels")->as<Tensor>()->elements()),
          hex(*own->find("bboxes")->as<Tensor>()), hex(*own->find("labels")->as<Tensor>()),
          hex(*element.find("ignored_instances")->find("bboxes")->as<Tensor>()),
          masks == nullptr ? "-" : hex(pixels_of(*masks->as<Masks>()))};
}

// The image id: the number in the file name.
std::string number_of(const TreeNode& meta) {
  const std::filesystem::path path = std::string(*meta.find("img_path")->as<Text>());
  return std::to_string(std::stoll(path.stem().string()));
}

// Everything but the pixels.
std::vector<std::string> facts_of(const Batch& batch, const Tensor& inputs,
                                  const TreeNode& element) {
  const TreeNode& meta = *element.find("metainfo");
  const TreeNode* direction = meta.find("flip_direction");
  const Text* flip = direction == nullptr ? nullptr : direction->as<Text>();
  const Shape& shape = inputs.shape;
  std::vector<std::string> facts = {std::to_string(batch.epoch()),
                                    std::to_string(batch.index()),
                                    number_of(meta),
                                    fmt::format("{}x{}x{}", shape[0], shape[1], shape[2]),
                                    flip == nullptr ? "-" : std::string(*flip),
                                    scale_factor(meta)};
  for (std::string& fact : objects_of(element)) facts.push_back(std::move(fact));
  return facts;
}

void expect_sample(const Batch& batch, std::size_t i, const std::string& line) {
  const Tensor& inputs = *batch.data().find("inputs")->as<ListNode>()->items[i].as<Tensor>();
  const TreeNode& element = batch.data().find("data_samples")->as<ListNode>()->items[i];
  std::vector<std::string> expected = words_of(line);
  const std::vector<std::string> found = facts_of(batch, inputs, element);
  const std::vector<std::string> pixels(expected.begin() + std::ssize(found), expected.end());
  expected.resize(found.size());
  ASSERT_EQ(found, expected);
  if (pixels.size() == 1) {
    ASSERT_EQ(hex(inputs), pixels[0]);
    return;
  }
  const std::vector<double> values = values_of(inputs);
  const double tolerance = inputs.dtype == DType::uint8 ? 1.0 : 2e-3;
  for (std::size_t k = 0; k < values.size(); ++k) {
    ASSERT_NEAR(values[k], std::stod(pixels[k]), tolerance) << "value " << k;
  }
}

void expect_run(const Value& run, const std::string& data) {
  Loader batches = loader(run, data);
  const std::vector<Value>& lines = run.find("samples")->items();
  for (std::size_t done = 0; done < lines.size();) {
    std::optional<Batch> batch = batches.next();
    if (!batch) batch = batches.next();  // the epoch ended
    ASSERT_TRUE(batch.has_value());
    for (std::size_t i = 0; i < batch->samples().size(); ++i, ++done) {
      ASSERT_LT(done, lines.size());
      expect_sample(*batch, i, lines[done].string());
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

class ReplayPipelines : public testing::TestWithParam<std::string> {};

TEST_P(ReplayPipelines, ReturnsTheBatchesOfOpenMMLab) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data; PINFEED_DATA names their folder";
  for (const Value& run : golden_of(GetParam()).find("runs")->items()) {
    if (run.find("pipeline")->string() != GetParam()) continue;
    SCOPED_TRACE("seed " + repr(*run.find("seed")) + " " + repr(*run.find("setting")));
    expect_run(run, *data);
    if (HasFatalFailure()) return;
  }
}

std::vector<std::string> pipelines() {
  std::vector<std::string> names;
  for (const Dict& file : goldens()) {
    for (const Dict::Entry& entry : file.find("pipelines")->dict().entries()) {
      names.push_back(entry.key.text);
    }
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Goldens, ReplayPipelines, testing::ValuesIn(pipelines()),
                         [](const auto& pipeline) { return pipeline.param; });

}  // namespace
}  // namespace pinfeed
