// SPDX-License-Identifier: Apache-2.0
// The train loaders of mmdet's stock configs, unchanged except for the folder of the data: each is
// built and makes batches.
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/synthetic/shapes.h"
#include "planning.h"

// A namespace of its own: its constants have short names.
namespace pinfeed::stock_loaders {
namespace {

// A loader of a config, and the rest of the config. @COCO@ is replaced by the first keys of the
// data set.
struct Stock {
  const char* name;
  std::size_t batch_size;
  std::string loader;
  std::string around = "";
};
void PrintTo(const Stock& stock, std::ostream* out) { *out << stock.name; }

const std::string load =
    "dict(type='LoadImageFromFile', backend_args=None), "
    "dict(type='LoadAnnotations', with_bbox=True), ";
const std::string coco =
    "type='CocoDataset', data_root='@DATA@', ann_file='annotations/train.json', "
    "data_prefix=dict(img='train/'), "
    "metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')), "
    "filter_cfg=dict(filter_empty_gt=True, min_size=32), backend_args=None, ";
const std::string workers = "num_workers=2, persistent_workers=True, ";
const std::string shuffled = "sampler=dict(type='DefaultSampler', shuffle=True), ";
const std::string endless = "sampler=dict(type='InfiniteSampler', shuffle=True), ";
const std::string by_aspect = "batch_sampler=dict(type='AspectRatioBatchSampler'), ";
const std::string flip = "dict(type='RandomFlip', prob=0.5), ";
const std::string pack = "dict(type='PackDetInputs')";
const std::string resize = "dict(type='Resize', scale=(1333, 800), keep_ratio=True), ";

std::string dataset_of(const std::string& steps) {
  return "dataset=dict(" + coco + "pipeline=[" + steps + "])";
}

std::string repeated(int times, const std::string& steps) {
  return "dataset=dict(type='RepeatDataset', times=" + std::to_string(times) + ", " +
         dataset_of(steps) + ")";
}

const std::string scales =
    "scales=[(480, 1333), (512, 1333), (544, 1333), (576, 1333), (608, 1333), (640, 1333), "
    "(672, 1333), (704, 1333), (736, 1333), (768, 1333), (800, 1333)], keep_ratio=True";

// DETR and Deformable DETR differ in the long side.
std::string detr(const std::string& side) {
  return load + flip + "dict(type='RandomChoice', transforms=[[dict(type='RandomChoiceResize', " +
         scales + ")], [dict(type='RandomChoiceResize', scales=[(400, " + side + "), (500, " +
         side + "), (600, " + side +
         ")], keep_ratio=True), dict(type='RandomCrop', crop_type='absolute_range', "
         "crop_size=(384, 600), allow_negative_crop=True), dict(type='RandomChoiceResize', " +
         scales + ")]]), " + pack;
}

const std::string ssd =
    load +
    "dict(type='Expand', mean=[123.675, 116.28, 103.53], to_rgb=True, ratio_range=(1, 4)), "
    "dict(type='MinIoURandomCrop', min_ious=(0.1, 0.3, 0.5, 0.7, 0.9), min_crop_size=0.3), "
    "dict(type='Resize', scale=(300, 300), keep_ratio=False), " +
    flip +
    "dict(type='PhotoMetricDistortion', brightness_delta=32, contrast_range=(0.5, 1.5), "
    "saturation_range=(0.5, 1.5), hue_delta=18), " +
    pack;

const std::string yolox =
    "dict(type='Mosaic', img_scale=(640, 640), pad_val=114.0), "
    "dict(type='RandomAffine', scaling_ratio_range=(0.1, 2), border=(-320, -320)), "
    "dict(type='MixUp', img_scale=(640, 640), ratio_range=(0.8, 1.6), pad_val=114.0), "
    "dict(type='YOLOXHSVRandomAug'), " +
    flip +
    "dict(type='Resize', scale=(640, 640), keep_ratio=True), "
    "dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))), "
    "dict(type='FilterAnnotations', min_gt_bbox_wh=(1, 1), keep_empty=False), " +
    pack;

const std::string rtmdet_end =
    "dict(type='RandomCrop', crop_size=(640, 640)), dict(type='YOLOXHSVRandomAug'), " + flip +
    "dict(type='Pad', size=(640, 640), pad_val=dict(img=(114, 114, 114))), ";
const std::string rtmdet =
    load +
    "dict(type='CachedMosaic', img_scale=(640, 640), pad_val=114.0, max_cached_images=20, "
    "random_pop=False), "
    "dict(type='RandomResize', scale=(1280, 1280), ratio_range=(0.5, 2.0), keep_ratio=True), " +
    rtmdet_end +
    "dict(type='CachedMixUp', img_scale=(640, 640), ratio_range=(1.0, 1.0), max_cached_images=10, "
    "random_pop=False, pad_val=(114, 114, 114), prob=0.5), " +
    pack;
const std::string rtmdet_later =
    load +
    "dict(type='RandomResize', scale=(640, 640), ratio_range=(0.5, 2.0), keep_ratio=True), " +
    rtmdet_end + pack;

const std::string ms_poly =
    "dict(type='LoadImageFromFile', backend_args=None, imdecode_backend='pillow'), "
    "dict(type='LoadAnnotations', with_bbox=True, with_mask=True, poly2mask=False), "
    "dict(type='RandomChoiceResize', scales=[(1333, 640), (1333, 672), (1333, 704), (1333, 736), "
    "(1333, 768), (1333, 800)], keep_ratio=True, backend='pillow'), " +
    flip + pack;

std::string lsj(const std::string& load_steps) {
  return load_steps +
         "dict(type='RandomResize', scale=(1024, 1024), ratio_range=(0.1, 2.0), keep_ratio=True), "
         "dict(type='RandomCrop', crop_type='absolute_range', crop_size=(1024, 1024), "
         "recompute_bbox=True, allow_negative_crop=True), "
         "dict(type='FilterAnnotations', min_gt_bbox_wh=(1e-2, 1e-2)), " +
         flip + pack;
}

const std::string ema =
    "dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.0002, update_buffers=True, "
    "priority=49)";

const std::vector<Stock> stock_loaders = {
    {"faster_rcnn_1x", 2,
     "batch_size=2, " + workers + shuffled + by_aspect + dataset_of(load + resize + flip + pack)},
    {"retinanet_1x", 2,
     "batch_size=2, " + workers + shuffled + by_aspect + dataset_of(load + resize + flip + pack)},
    {"mask_rcnn_1x", 2,
     "batch_size=2, " + workers + shuffled + by_aspect +
         dataset_of("dict(type='LoadImageFromFile', backend_args=None), "
                    "dict(type='LoadAnnotations', with_bbox=True, with_mask=True), " +
                    resize + flip + pack)},
    {"ssd300", 8,
     "batch_size=8, " + workers + shuffled + "batch_sampler=None, " + repeated(5, ssd)},
    {"yolox_s", 8,
     "batch_size=8, " + workers + shuffled + "dataset=dict(type='MultiImageMixDataset', dataset=" +
         "dict(" + coco + "pipeline=[" + load + "]), pipeline=[" + yolox + "])",
     "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=300, val_interval=10)\n"
     "custom_hooks = [dict(type='YOLOXModeSwitchHook', num_last_epochs=15, priority=48), "
     "dict(type='SyncNormHook', priority=48), " +
         ema + "]"},
    {"rtmdet_tiny", 8,
     "batch_size=8, num_workers=10, persistent_workers=True, batch_sampler=None, "
     "pin_memory=True, " +
         shuffled + dataset_of(rtmdet),
     "custom_hooks = [" + ema +
         ", dict(type='PipelineSwitchHook', switch_epoch=1, "
         "switch_pipeline=[" +
         rtmdet_later + "])]"},
    {"detr", 2, "batch_size=2, " + workers + shuffled + by_aspect + dataset_of(detr("1333"))},
    {"deformable_detr", 2,
     "batch_size=2, " + workers + shuffled + by_aspect + dataset_of(detr("4200"))},
    {"ms_90k", 2,
     "batch_size=2, pin_memory=True, " + workers + endless + by_aspect + dataset_of(ms_poly)},
    {"lsj_100e", 2, "batch_size=2, " + workers + shuffled + repeated(4, lsj(load))},
    {"lsj_instance_270k", 2,
     "batch_size=2, " + workers + endless +
         dataset_of(lsj("dict(type='LoadImageFromFile', backend_args=None), "
                        "dict(type='LoadAnnotations', with_bbox=True, with_mask=True), "))},
};

class StockLoaders : public testing::TestWithParam<Stock> {
 protected:
  static void SetUpTestSuite() {
    folder = new Folder;
    write_shapes({.images = 16, .val = 1, .size = {128, 96}}, folder->path());
  }
  static void TearDownTestSuite() { delete folder; }

  static Value config(const std::string& settings) {
    std::string text = settings + "\n" + GetParam().around + "\ntrain_dataloader = dict(" +
                       GetParam().loader + ")\n";
    const std::string position = "@DATA@";
    text.replace(text.find(position), position.size(), folder->path());
    return read_config_text(text).root;
  }
  static Folder* folder;
};
Folder* StockLoaders::folder = nullptr;

// The second batch is in the second epoch, where the hooks have switched the pipeline.
TEST_P(StockLoaders, MakeTwoBatches) {
  for (const char* settings : {"", "pinfeed = dict(replay='openmmlab')"}) {
    const Value root = config(settings);
    LoaderOptions options = loader_options(root);
    options.threads = 2;
    Loader loader = make_loader(root, "train_dataloader", catalogs(), options);
    for (const LoaderState position :
         {LoaderState{0, 0}, LoaderState{loader.endless() ? 0 : 1, 1}}) {
      loader.seek(position);
      const std::optional<Batch> batch = loader.next();
      ASSERT_TRUE(batch);
      EXPECT_EQ(batch->samples().size(), GetParam().batch_size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfMmdet, StockLoaders, testing::ValuesIn(stock_loaders),
                         [](const auto& stock) { return std::string(stock.param.name); });

}  // namespace
}  // namespace pinfeed::stock_loaders
