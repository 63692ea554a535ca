// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FPN.
#include "pinfeed/models/necks/fpn.h"

#include <string>

namespace pinfeed {
namespace {

// `map` enlarged for addition to `finer`.
torch::Tensor enlarged(const torch::Tensor& map, const torch::Tensor& finer,
                       const UpsampleCfg& config) {
  namespace F = torch::nn::functional;
  auto options = F::InterpolateFuncOptions();
  if (config.scale_factor) {
    options.scale_factor(std::vector<double>{*config.scale_factor, *config.scale_factor});
  } else {
    options.size(std::vector<std::int64_t>{finer.size(2), finer.size(3)});
  }
  if (config.mode == "bilinear")
    return F::interpolate(map, options.mode(torch::kBilinear).align_corners(false));
  return F::interpolate(map, options.mode(torch::kNearest));
}

}  // namespace

PyramidNet::PyramidNet(const FPN& params) : params_(params) {
  const auto lateral = register_module("lateral_convs", std::make_shared<torch::nn::Module>());
  const auto smooth = register_module("fpn_convs", std::make_shared<torch::nn::Module>());
  const auto add = [](torch::nn::Module& owner, std::vector<std::shared_ptr<ConvNorm>>& list,
                      ConvShape shape) {
    shape.bias = !shape.norm;
    list.push_back(
        owner.register_module(std::to_string(list.size()), std::make_shared<ConvNorm>(shape)));
    torch::nn::init::xavier_uniform_(list.back()->conv->weight);
  };
  const std::int64_t out = params.out_channels;
  const std::size_t used = static_cast<std::size_t>(lateral_count(params));
  const auto first = static_cast<std::size_t>(params.start_level);
  for (std::size_t i = 0; i < used; ++i) {
    const std::int64_t in = params.in_channels[first + i];
    const auto lateral_norm = params.no_norm_on_lateral ? std::nullopt : params.norm_cfg;
    add(*lateral, lateral_,
        {.in_channels = in, .channels = out, .kernel = 1, .norm = lateral_norm});
    add(*smooth, smooth_, {.in_channels = out, .channels = out, .norm = params.norm_cfg});
  }
  if (extra_source(params) == ExtraSource::none) return;
  while (std::ssize(smooth_) < params.num_outs) {
    const bool reads_input = smooth_.size() == used && extra_source(params) == ExtraSource::input;
    const std::int64_t in = reads_input ? params.in_channels[first + used - 1] : out;
    add(*smooth, smooth_,
        {.in_channels = in, .channels = out, .norm = params.norm_cfg, .stride = 2});
  }
}

FeatureMaps PyramidNet::laterals(const FeatureMaps& maps) {
  FeatureMaps all;
  const auto first = static_cast<std::size_t>(params_.start_level);
  for (std::size_t i = 0; i < lateral_.size(); ++i)
    all.push_back(lateral_[i]->forward(maps[first + i]));
  for (std::size_t i = all.size() - 1; i > 0; --i)
    all[i - 1] = all[i - 1] + enlarged(all[i], all[i - 1], params_.upsample_cfg);
  return all;
}

void PyramidNet::add_extra_levels(const FeatureMaps& maps, const torch::Tensor& last_lateral,
                                  FeatureMaps& levels) {
  const ExtraSource source = extra_source(params_);
  const std::size_t used = levels.size();
  torch::Tensor from = levels.back();
  if (source == ExtraSource::input)
    from = maps[static_cast<std::size_t>(params_.start_level) + used - 1];
  if (source == ExtraSource::lateral) from = last_lateral;
  while (std::ssize(levels) < params_.num_outs) {
    if (source == ExtraSource::none) {
      levels.push_back(torch::max_pool2d(levels.back(), {1, 1}, {2, 2}));
      continue;
    }
    const bool relu = params_.relu_before_extra_convs && levels.size() > used;
    levels.push_back(smooth_[levels.size()]->forward(relu ? torch::relu(from) : from));
    from = levels.back();
  }
}

FeatureMaps PyramidNet::forward(const FeatureMaps& maps) {
  const FeatureMaps lateral = laterals(maps);
  FeatureMaps levels;
  for (const torch::Tensor& map : lateral) levels.push_back(smooth_[levels.size()]->forward(map));
  add_extra_levels(maps, lateral.back(), levels);
  return levels;
}

std::vector<std::int64_t> PyramidNet::out_channels() const {
  return std::vector<std::int64_t>(static_cast<std::size_t>(params_.num_outs),
                                   params_.out_channels);
}

std::shared_ptr<Neck> make_neck(const FPN& params) { return std::make_shared<PyramidNet>(params); }

}  // namespace pinfeed
