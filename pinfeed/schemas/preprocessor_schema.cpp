// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.6 and 4.17.
#include "pinfeed/schemas/preprocessor_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pinfeed {
namespace {

std::vector<float> floats(const std::optional<std::vector<double>>& numbers) {
  std::vector<float> converted;
  if (!numbers) return converted;
  for (const double number : *numbers) converted.push_back(static_cast<float>(number));
  return converted;
}

template <class Params>
void check_statistics(const Params& params) {
  if (params.mean.has_value() != params.std.has_value()) {
    throw Error(ErrorKind::config, "mean and std must be given both or neither");
  }
  if (!params.mean) return;
  const std::size_t count = params.mean->size();
  if ((count != 1 && count != 3) || params.std->size() != count) {
    throw Error(ErrorKind::config,
                fmt::format("mean has {} values and std {}; both must have 1 or 3", count,
                            params.std->size()));
  }
  if (std::find(params.std->begin(), params.std->end(), 0.0) != params.std->end()) {
    throw Error(ErrorKind::config, "std contains a 0, which would divide by zero");
  }
}

template <class Params>
Schema<Params>& describe_preprocessor(Schema<Params>& schema) {
  return schema
      .optional("mean", &Params::mean, "subtracted from each channel, 0..255; 1 or 3 values")
      .optional("std", &Params::std, "divides each channel; as many values as mean")
      .optional("pad_size_divisor", &Params::pad_size_divisor,
                "width and height are padded to multiples of it", at_least(1))
      .optional("pad_value", &Params::pad_value, "value of padded pixels, after normalisation")
      .accepted("non_blocking", "copies to a device never block the host")
      .check(&check_statistics<Params>);
}

template <class Params>
Preprocessing preprocessing_of(const Params& params) {
  return {.mean = floats(params.mean),
          .std = floats(params.std),
          .pad_size_divisor = params.pad_size_divisor,
          .pad_value = static_cast<float>(params.pad_value)};
}

// A batch is padded once, with one value.
void check_augments(const DetDataPreprocessor& params) {
  if (!params.batch_augments || params.batch_augments->empty()) return;
  if (params.batch_augments->size() > 1) {
    throw Error(ErrorKind::config, "batch_augments has more than one BatchFixedSizePad");
  }
  const BatchFixedSizePad& pad = params.batch_augments->front().get();
  if (pad.img_pad_value != params.pad_value) {
    throw Error(ErrorKind::config,
                fmt::format("img_pad_value of BatchFixedSizePad is {}; pad_value is {}",
                            pad.img_pad_value, params.pad_value))
        .help("a batch is padded with one value");
  }
  if (pad.pad_mask != params.pad_mask || pad.mask_pad_value != params.mask_pad_value) {
    throw Error(ErrorKind::config,
                "pad_mask and mask_pad_value of BatchFixedSizePad differ from the preprocessor's");
  }
}

std::string text_of(const Preprocessing& preprocessing) {
  return fmt::format("mean {}, std {}, {}", preprocessing.mean, preprocessing.std,
                     preprocessing.reverse_channels ? "RGB" : "BGR");
}

Preprocessing with_statistics(Preprocessing wanted, const image::Normalization& statistics) {
  wanted.mean.assign(statistics.mean.begin(), statistics.mean.end());
  wanted.std.assign(statistics.std.begin(), statistics.std.end());
  if (!wanted.channels_given) wanted.reverse_channels = statistics.to_rgb;
  return wanted;
}

bool have_equal_statistics(const Preprocessing& a, const Preprocessing& b) {
  return a.mean == b.mean && a.std == b.std && a.reverse_channels == b.reverse_channels;
}

// Whether a step of this type is anywhere below the value.
bool has_step(const Value& value, std::string_view type) {
  if (value.is_sequence()) {
    return std::any_of(value.items().begin(), value.items().end(),
                       [&](const Value& item) { return has_step(item, type); });
  }
  if (!value.is_dict()) return false;
  if (has_type(value) && type_of(value, "").name == type) return true;
  return std::any_of(value.dict().entries().begin(), value.dict().entries().end(),
                     [&](const Dict::Entry& entry) { return has_step(entry.value, type); });
}

}  // namespace

void describe(Schema<BatchFixedSizePad>& schema) {
  schema.summary("Pads batches in training to a fixed size.")
      .required("size", &BatchFixedSizePad::size, "(h, w) of a batch, pixels")
      .optional("img_pad_value", &BatchFixedSizePad::img_pad_value,
                "must be pad_value of the preprocessor")
      .optional("pad_mask", &BatchFixedSizePad::pad_mask, "must be pad_mask of the preprocessor")
      .optional("mask_pad_value", &BatchFixedSizePad::mask_pad_value,
                "must be mask_pad_value of the preprocessor")
      .refused("pad_seg", "segmentation maps are not loaded yet")
      .accepted("seg_pad_value", "there are no segmentation maps");
}

Preprocessing for_evaluation(Preprocessing preprocessing) {
  preprocessing.smallest.reset();
  preprocessing.mask_pad_value.reset();
  return preprocessing;
}

void describe(Schema<DetDataPreprocessor>& schema) {
  schema.summary("Normalises and pads the images of a detector, on the device.");
  describe_preprocessor(schema)
      .optional("bgr_to_rgb", &DetDataPreprocessor::bgr_to_rgb, "reverse the channels")
      .optional("rgb_to_bgr", &DetDataPreprocessor::rgb_to_bgr, "reverse the channels")
      .accepted("boxtype2tensor", "boxes are plain tensors")
      .optional("pad_mask", &DetDataPreprocessor::pad_mask, "pad masks to the size of the batch")
      .optional("mask_pad_value", &DetDataPreprocessor::mask_pad_value,
                "value of padded pixels of masks")
      .optional("batch_augments", &DetDataPreprocessor::batch_augments,
                "in training: None, or a list with one BatchFixedSizePad")
      .accepted("seg_pad_value", "there are no segmentation maps")
      .refused("pad_seg", "segmentation maps are not loaded yet")
      .check([](const DetDataPreprocessor& params) {
        if (params.bgr_to_rgb.value_or(false) && params.rgb_to_bgr.value_or(false)) {
          throw Error(ErrorKind::config, "bgr_to_rgb and rgb_to_bgr are both True")
              .help("both reverse the channels; keep one");
        }
        check_augments(params);
      });
}

Preprocessing make(const DetDataPreprocessor& params) {
  Preprocessing preprocessing = preprocessing_of(params);
  preprocessing.reverse_channels =
      params.bgr_to_rgb.value_or(false) || params.rgb_to_bgr.value_or(false);
  preprocessing.channels_given = params.bgr_to_rgb.has_value() || params.rgb_to_bgr.has_value();
  if (params.pad_mask) preprocessing.mask_pad_value = params.mask_pad_value;
  if (params.batch_augments && !params.batch_augments->empty()) {
    const auto [height, width] = params.batch_augments->front().get().size;
    preprocessing.smallest = Size{width, height};
  }
  return preprocessing;
}

void describe(Schema<SelfSupDataPreprocessor>& schema) {
  schema.summary("Normalises the images of pre-training, on the device.");
  describe_preprocessor(schema).optional("to_rgb", &SelfSupDataPreprocessor::to_rgb,
                                         "reverse the channels");
}

Preprocessing make(const SelfSupDataPreprocessor& params) {
  Preprocessing preprocessing = preprocessing_of(params);
  preprocessing.reverse_channels = params.to_rgb.value_or(false);
  preprocessing.channels_given = params.to_rgb.has_value();
  return preprocessing;
}

Catalog<Preprocessing, std::monostate> preprocessors() {
  Catalog<Preprocessing, std::monostate> catalog("preprocessor");
  catalog.add_with<DetDataPreprocessor>(
      [](const DetDataPreprocessor& params, std::monostate) { return make(params); });
  catalog.add_with<SelfSupDataPreprocessor>(
      [](const SelfSupDataPreprocessor& params, std::monostate) { return make(params); });
  return catalog;
}

Preprocessing read_preprocessing(const Value& config) {
  const Value* model = config.find("model");
  const Value* inner = model != nullptr ? model->find("data_preprocessor") : nullptr;
  if (inner != nullptr && !inner->is_none()) {
    return preprocessors().make(*inner, "model.data_preprocessor", {});
  }
  const Value* outer = config.find("data_preprocessor");
  if (outer == nullptr || outer->is_none()) return make(DetDataPreprocessor{});
  return preprocessors().make(*outer, "data_preprocessor", {});
}

void warn_if_unnormalized(const Value& config, const std::string& section,
                          const Preprocessing& wanted, const Metainfo& dataset,
                          std::vector<std::string>& warnings) {
  const Value* loader = config.find(section);
  const bool step = loader != nullptr && has_step(*loader, "Normalize");
  if (!wanted.mean.empty() || dataset.statistics || dataset.normalized || step) return;
  warnings.push_back("the images of " + section +
                     " are not normalised: neither data_preprocessor nor the data set has mean and "
                     "std; the model gets pixels from 0 to 255");
}

Preprocessing fitted(Preprocessing wanted, const Metainfo& dataset,
                     std::vector<std::string>& warnings) {
  if (dataset.normalized) {
    if (wanted.mean.empty() && !wanted.reverse_channels) return wanted;
    throw Error(ErrorKind::config,
                "the data set normalises already, the preprocessor would a second time")
        .help(
            "drop mean, std and the channel order of data_preprocessor, or set "
            "normalize='none' in the data set");
  }
  if (!dataset.statistics) return wanted;
  const Preprocessing offered = with_statistics(wanted, *dataset.statistics);
  if (wanted.mean.empty()) return offered;
  if (!have_equal_statistics(wanted, offered)) {
    warnings.push_back(fmt::format("the preprocessor normalises with {}; the data set offers {}",
                                   text_of(wanted), text_of(offered)));
  }
  return wanted;
}

}  // namespace pinfeed
