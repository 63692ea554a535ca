// SPDX-License-Identifier: Apache-2.0
// DeviceFeed gives the same batches as HostFeed, to the bit. Without CUDA, memory/device.h uses its
// host back end.
#include "pinfeed/train/input/device_feed.h"

#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/synthetic/shapes.h"
#include "pinfeed/train/input/make_feed.h"
#include "tests/data/windows.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t image_count = 11;
constexpr std::int64_t batches = 3;  // of 4, 4 and 3

constexpr auto ragged_steps = R"(dict(type='RandomResize', scale=(96, 64), ratio_range=(0.5, 1.5)),
    dict(type='RandomFlip', prob=0.5),)";
constexpr auto fixed_steps = "dict(type='Resize', scale=(48, 32)),";
constexpr auto normalized_steps = R"(dict(type='Resize', scale=(48, 32)),
    dict(type='Normalize', mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0]),)";

// The same images for all tests.
const std::string& folder_of_shapes() {
  static const TestFolder folder;
  static const std::string path = [] {
    write_shapes({.images = image_count, .val = 1, .size = {96, 64}, .max_objects = 4},
                 folder.path());
    return folder.path();
  }();
  return path;
}

std::string config(const std::string& steps, const std::string& collate) {
  return "data = '" + folder_of_shapes() + "/'\n" + R"(
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type=')" +
         collate + R"('),
    dataset=dict(
        type='CocoDataset', data_root=data, ann_file='annotations/train.json',
        data_prefix=dict(img='train/'), filter_cfg=dict(filter_empty_gt=False),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True), )" +
         steps + " dict(type='PackDetInputs')]))\n";
}

std::shared_ptr<Loader> loader_of(const std::string& text, std::optional<int> device) {
  LoaderOptions options{.seed = 5, .threads = 2};
  options.device = device;
  return std::make_shared<Loader>(make_loader(read_config_text(text, "config.py").root,
                                              "train_dataloader", builtin(), options));
}

Preprocessing coco_statistics() {
  return {.reverse_channels = true,
          .mean = {123.675F, 116.28F, 103.53F},
          .std = {58.395F, 57.12F, 57.375F},
          .pad_size_divisor = 32,
          .pad_value = -7.5F};
}

std::unique_ptr<Feed> on_host(const std::string& text, const Preprocessing& preprocessing) {
  return make_feed(loader_of(text, {}), preprocessing, torch::kCPU, Route::host);
}

// The device of the batches.
torch::Device target_device() {
  return backend() == "host" ? torch::kCPU : torch::Device(torch::kCUDA, 0);
}

std::unique_ptr<Feed> on_device(const std::string& text, const Preprocessing& preprocessing) {
  return make_feed(loader_of(text, 0), preprocessing, target_device(), Route::device);
}

bool same(const torch::Tensor& device, const torch::Tensor& host) {
  return device.device() == target_device() && device.scalar_type() == host.scalar_type() &&
         torch::equal(device.cpu(), host.cpu());
}

void expect_same(const DetDataSample& a, const DetDataSample& b) {
  EXPECT_TRUE(same(a.boxes, b.boxes));
  EXPECT_TRUE(same(a.labels, b.labels));
  EXPECT_TRUE(same(a.ignored_boxes, b.ignored_boxes));
  EXPECT_EQ(a.img_id, b.img_id);
  EXPECT_EQ(a.ori_shape, b.ori_shape);
  EXPECT_EQ(a.img_shape, b.img_shape);
  EXPECT_EQ(a.pad_shape, b.pad_shape);
  EXPECT_EQ(a.scale_width, b.scale_width);
  EXPECT_EQ(a.scale_height, b.scale_height);
}

// Compares `count` calls of next().
void expect_same(Feed& device, Feed& host, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(device.position(), host.position());
    const std::optional<ModelInput> a = device.next();
    const std::optional<ModelInput> b = host.next();
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a) continue;
    EXPECT_TRUE(same(a->images, b->images));
    ASSERT_EQ(a->data_samples.size(), b->data_samples.size());
    for (std::size_t k = 0; k < a->data_samples.size(); ++k)
      expect_same(a->data_samples[k], b->data_samples[k]);
  }
}

// Streams with delays, like those of CUDA.
class DeviceFeedTest : public testing::Test {
 protected:
  void SetUp() override {
    if (backend() == "cuda" && !torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    delay_streams(3, microseconds(1500));
  }
  void TearDown() override { delay_streams(0, microseconds(0)); }
};

struct Case {
  const char* name;
  const char* steps;
  const char* collate;
  Preprocessing preprocessing;
  bool copied = true;
};

class DeviceFeedCase : public DeviceFeedTest, public testing::WithParamInterface<Case> {};

TEST_P(DeviceFeedCase, GivesTheBatchesOfHostFeed) {
  const std::string text = config(GetParam().steps, GetParam().collate);
  const Preprocessing& preprocessing = GetParam().preprocessing;
  expect_same(*on_device(text, preprocessing), *on_host(text, preprocessing), 2 * (batches + 1));
}

TEST_P(DeviceFeedCase, SeeksToAnyPosition) {
  const std::string text = config(GetParam().steps, GetParam().collate);
  const auto device = on_device(text, GetParam().preprocessing);
  const auto host = on_host(text, GetParam().preprocessing);
  for (const LoaderState& position : {LoaderState{0, 2}, {1, 0}, {2, batches}, {0, 1}}) {
    device->seek(position);
    host->seek(position);
    expect_same(*device, *host, 3);
  }
}

TEST_P(DeviceFeedCase, CopiesToTheDeviceUnlessTheImagesAreFloats) {
  const std::string text = config(GetParam().steps, GetParam().collate);
  DeviceFeed feed(loader_of(text, 0), GetParam().preprocessing, target_device());
  for (std::int64_t i = 0; i < batches; ++i) EXPECT_TRUE(feed.next());
  EXPECT_EQ(feed.sent(), GetParam().copied ? batches : 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, DeviceFeedCase,
    testing::Values(
        Case{"Listed", ragged_steps, "pseudo_collate", coco_statistics()},
        Case{"Stacked", fixed_steps, "default_collate", coco_statistics()},
        Case{"Padded", ragged_steps, "pad_collate", coco_statistics()},
        Case{"AsTheyAre", ragged_steps, "pseudo_collate", {}},
        Case{"OneMean",
             fixed_steps,
             "pseudo_collate",
             {.mean = {100.0F}, .std = {50.0F}, .pad_size_divisor = 7}},
        Case{"Floats", normalized_steps, "pseudo_collate", {.pad_size_divisor = 5}, false}),
    [](const testing::TestParamInfo<Case>& one) { return std::string(one.param.name); });

TEST_F(DeviceFeedTest, SkipsAShortLastBatchWithDropLast) {
  const std::string text =
      config(ragged_steps, "pseudo_collate") + "train_dataloader['drop_last'] = True\n";
  const auto device = on_device(text, coco_statistics());
  EXPECT_EQ(device->batches_per_epoch(), batches - 1);
  expect_same(*device, *on_host(text, coco_statistics()), 2 * batches);
}

TEST_F(DeviceFeedTest, IgnoresThePaddingOfTheCollate) {
  for (const Route route : {Route::host, Route::device}) {
    const std::optional<int> device = route == Route::device ? std::optional(0) : std::nullopt;
    const auto by = [&](const char* collate) {
      return make_feed(loader_of(config(ragged_steps, collate), device), coco_statistics(),
                       target_device(), route);
    };
    expect_same(*by("pad_collate"), *by("pseudo_collate"), batches);
  }
}

// The loader of 23 windows, with so few slots that it always waits for one.
std::shared_ptr<Loader> windows_loader(std::int64_t broken = never) {
  return std::make_shared<Loader>(windows(broken), shuffled(), stacked(),
                                  PlanRules{.batch_size = 4},
                                  LoaderLimits{.threads = 2, .slots = 2, .device = 0});
}

TEST_F(DeviceFeedTest, FreesASlotWhenItsCopyHasEnded) {
  DeviceFeed feed(windows_loader(), {}, target_device());
  std::int64_t count = 0;
  while (feed.position().epoch < 20) count += feed.next() ? 1 : 0;
  EXPECT_EQ(count, 20 * 6);
  EXPECT_EQ(feed.sent(), count);
}

TEST_F(DeviceFeedTest, ThrowsAnErrorAtItsPositionAndContinues) {
  Mt19937 generator(0);
  const std::int64_t broken = randperm(windows_count, generator)[9];  // in the third batch
  DeviceFeed feed(windows_loader(broken), {}, target_device());
  EXPECT_TRUE(feed.next());
  EXPECT_TRUE(feed.next());
  EXPECT_EQ(feed.position(), (LoaderState{0, 2}));
  EXPECT_EQ(failure_of([&] { feed.next(); }),
            "error: this one is broken\n  while loading sample " + std::to_string(broken) +
                "\n  while filling batch 2 of epoch 0\nhelp: check the file, or set pinfeed = "
                "dict(on_bad_sample='skip')\n");
  EXPECT_EQ(feed.position(), (LoaderState{0, 3}));
  EXPECT_TRUE(feed.next());
}

// Allocating the second slot fails: the first one continues alone.
TEST_F(DeviceFeedTest, ReportsThatTheDeviceIsOutOfMemory) {
  const auto allocate = [left = std::make_shared<int>(1)](std::size_t bytes) {
    if (--*left >= 0) return allocate_device(bytes);
    throw Error(ErrorKind::device, "CUDA could not allocate 4096 bytes: out of memory");
  };
  DeviceFeed feed(windows_loader(), {}, target_device(), allocate);
  std::vector<std::string> failures;
  for (int i = 0; i < 4; ++i) failures.push_back(failure_of([&] { EXPECT_TRUE(feed.next()); }));
  EXPECT_EQ(failures[0], "no error");
  EXPECT_NE(std::find(failures.begin(), failures.end(),
                      "error: CUDA could not allocate 4096 bytes: out of memory\n"),
            failures.end());
}

TEST_F(DeviceFeedTest, CanBeDestroyedDuringACopy) {
  for (int i = 0; i < 10; ++i) {
    DeviceFeed feed(windows_loader(), {}, target_device());
    for (int k = 0; k < i % 4; ++k) EXPECT_TRUE(feed.next());
  }
}

}  // namespace
}  // namespace pinfeed
