// SPDX-License-Identifier: Apache-2.0
// The menu of data sets. Each: a struct of parameters, `describe`, `make`, and its name in the list
// at the end. Source: specs data 2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/words.h"

namespace pinfeed {

/// What every data set of records takes.
struct RecordKeys {
  std::string ann_file = {};
  std::string data_root = {};
  std::optional<Value> metainfo = {};  // dict(classes=...): names, or a file with one on each line
  std::optional<std::variant<std::int64_t, std::vector<std::int64_t>>> indices = {};
  ConfigSteps pipeline = {};
  bool test_mode = false;
  int max_refetch = 1000;
  LocalFiles backend_args = {};
};

/// 'data_prefix': folders below data_root.
struct CocoPrefix {
  static constexpr auto name = "data_prefix";
  std::string img = {};
};
void describe(Schema<CocoPrefix>& schema);

/// 'filter_cfg': which images training leaves out.
struct CocoFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;  // those without any annotation of a selected category
  int min_size = 0;              // those whose shorter side is less, pixels
};
void describe(Schema<CocoFilter>& schema);

/// Images and boxes of a COCO annotation file. Labels follow the file's order of categories, not
/// the order of `classes`, as upstream's do.
struct CocoDataset : RecordKeys {
  static constexpr auto name = "CocoDataset";

  CocoPrefix data_prefix = {};
  std::optional<CocoFilter> filter_cfg = {};
};
void describe(Schema<CocoDataset>& schema);
Dataset make(const CocoDataset& params, const BuildContext& context);

/// 'img_norm_cfg': channel statistics, in the order of the normalised channels.
struct ImageStatistics {
  static constexpr auto name = "img_norm_cfg";
  std::array<double, 3> mean = {123.675, 116.28, 103.53};
  std::array<double, 3> std = {58.395, 57.12, 57.375};
  bool to_rgb = true;
};
void describe(Schema<ImageStatistics>& schema);

enum class NormalizeAt { none, dataset };
template <>
struct WordsOf<NormalizeAt> {
  static constexpr std::array<std::pair<std::string_view, NormalizeAt>, 2> all = {
      {{"none", NormalizeAt::none}, {"dataset", NormalizeAt::dataset}}};
};

/// CocoDataset for fine-tuning a detector whose backbone was pre-trained as a masked autoencoder:
/// it carries the statistics of the pre-training, and offers them to the model's preprocessor.
struct MAEDataset4DS : CocoDataset {
  static constexpr auto name = "MAEDataset4DS";

  ImageStatistics img_norm_cfg = {};
  NormalizeAt normalize = NormalizeAt::none;  // dataset: samples are float32 RGB already
  std::optional<double> mask_ratio = {};      // nothing but 0: masking belongs to pre-training
};
void describe(Schema<MAEDataset4DS>& schema);
Dataset make(const MAEDataset4DS& params, const BuildContext& context);

/// 'data_prefix' of XMLDataset.
struct XMLPrefix {
  static constexpr auto name = "data_prefix";
  std::string sub_data_root = {};  // folder of the two folders, below data_root
};
void describe(Schema<XMLPrefix>& schema);

/// 'filter_cfg' of XMLDataset.
struct XMLFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;           // leave out images without any object
  int min_size = 0;                       // leave out those whose shorter side is less, pixels
  std::optional<int> bbox_min_size = {};  // smaller objects are ignored, pixels
};
void describe(Schema<XMLFilter>& schema);

/// Images listed in a text file, each with a file of objects as PASCAL VOC writes them. Labels
/// follow the order of `classes`.
struct XMLDataset : RecordKeys {
  static constexpr auto name = "XMLDataset";

  XMLPrefix data_prefix = {};
  std::optional<XMLFilter> filter_cfg = {};
  std::string img_subdir = "JPEGImages";
  std::string ann_subdir = "Annotations";
};
void describe(Schema<XMLDataset>& schema);
Dataset make(const XMLDataset& params, const BuildContext& context);

/// XMLDataset with the 20 classes of PASCAL VOC.
struct VOCDataset : XMLDataset {
  static constexpr auto name = "VOCDataset";
};
void describe(Schema<VOCDataset>& schema);
Dataset make(const VOCDataset& params, const BuildContext& context);

/// 'data_prefix' of data sets whose records hold 'img_path'.
struct PathPrefix {
  static constexpr auto name = "data_prefix";
  std::string img_path = {};
};
void describe(Schema<PathPrefix>& schema);

/// Records in OpenMMLab's own format: a JSON file of 'metainfo' and 'data_list'.
struct BaseDataset : RecordKeys {
  static constexpr auto name = "BaseDataset";

  std::variant<PathPrefix, std::string> data_prefix = {};
};
void describe(Schema<BaseDataset>& schema);
Dataset make(const BaseDataset& params, const BuildContext& context);

/// BaseDataset for detectors.
struct BaseDetDataset : BaseDataset {
  static constexpr auto name = "BaseDetDataset";
};
void describe(Schema<BaseDetDataset>& schema);
Dataset make(const BaseDetDataset& params, const BuildContext& context);

/// The pictures below a folder, or those that a text file lists, for pre-training and
/// classification.
struct CustomDataset : BaseDataset {
  static constexpr auto name = "CustomDataset";

  bool with_label = true;  // by sub-folder, or the last word of a line
  std::vector<std::string> extensions = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif"};
  std::optional<std::variant<std::string, std::vector<std::string>>> classes = {};
};
void describe(Schema<CustomDataset>& schema);
Dataset make(const CustomDataset& params, const BuildContext& context);

/// CustomDataset with the folders of ImageNet.
struct ImageNet : CustomDataset {
  static constexpr auto name = "ImageNet";

  std::string split = {};  // 'train', 'val', 'test': the folder, and its list in meta/
};
void describe(Schema<ImageNet>& schema);
Dataset make(const ImageNet& params, const BuildContext& context);

/// A data set several times over.
struct RepeatDataset {
  static constexpr auto name = "RepeatDataset";

  ConfigPart dataset = {};
  std::int64_t times = 1;
};
void describe(Schema<RepeatDataset>& schema);
Dataset make(const RepeatDataset& params, const BuildContext& context);

/// Several data sets one after the other.
struct ConcatDataset {
  static constexpr auto name = "ConcatDataset";

  std::vector<ConfigPart> datasets = {};
};
void describe(Schema<ConcatDataset>& schema);
Dataset make(const ConcatDataset& params, const BuildContext& context);

/// A data set in which images of rare classes come several times.
struct ClassBalancedDataset {
  static constexpr auto name = "ClassBalancedDataset";

  ConfigPart dataset = {};
  double oversample_thr = 1e-3;  // classes in a smaller part of the images are rare
};
void describe(Schema<ClassBalancedDataset>& schema);
Dataset make(const ClassBalancedDataset& params, const BuildContext& context);

/// A data set whose steps may mix several samples.
struct MultiImageMixDataset {
  static constexpr auto name = "MultiImageMixDataset";

  ConfigPart dataset = {};
  ConfigSteps pipeline = {};
  std::optional<std::vector<std::string>> skip_type_keys = {};
  int max_refetch = 15;
};
void describe(Schema<MultiImageMixDataset>& schema);
Dataset make(const MultiImageMixDataset& params, const BuildContext& context);

using BuiltinDatasets = std::tuple<CocoDataset, MAEDataset4DS, XMLDataset, VOCDataset, BaseDataset,
                                   BaseDetDataset, CustomDataset, ImageNet, RepeatDataset,
                                   ConcatDataset, ClassBalancedDataset, MultiImageMixDataset>;

}  // namespace pinfeed
