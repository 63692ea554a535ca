// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's FPN.
#include "pinfeed/schemas/fpn_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pinfeed/config/catalog.h"
#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

int last_level(const FPN& params) {
  const int maps = static_cast<int>(params.in_channels.size());
  return params.end_level == -1 ? maps - 1 : params.end_level;
}

void check_levels_of_fpn(const FPN& params) {
  const int maps = static_cast<int>(params.in_channels.size());
  const int last = last_level(params);
  if (maps == 0) throw_config_error("in_channels is empty");
  if (last < 0 || last >= maps || params.start_level > last) {
    throw_config_error(fmt::format("start_level {} and end_level {} do not fit {} maps",
                                   params.start_level, params.end_level, maps));
  }
  const int used = last - params.start_level + 1;
  if (params.num_outs < used || (last < maps - 1 && params.num_outs != used)) {
    throw_config_error(fmt::format("num_outs is {}; levels {} to {} make {}", params.num_outs,
                                   params.start_level, last, used));
  }
}

// mmdet's default, which this neck always has.
bool is_xavier(const Value& init) {
  if (!init.is_dict() || init.find("type") == nullptr) return false;
  const Value* layer = init.find("layer");
  const Value* distribution = init.find("distribution");
  return type_of(init, "init_cfg").name == "Xavier" && layer != nullptr &&
         *layer == Value("Conv2d") && distribution != nullptr &&
         *distribution == Value("uniform") && init.dict().entries().size() == 3;
}

void check_fpn(const FPN& params) {
  check_levels_of_fpn(params);
  check_groups(params.norm_cfg, params.out_channels, "out_channels");
  const auto* source = std::get_if<std::string>(&params.add_extra_convs);
  if (source != nullptr && *source != "on_input" && *source != "on_lateral" &&
      *source != "on_output") {
    throw_config_error("add_extra_convs is '" + *source +
                       "'; it must be False, 'on_input', 'on_lateral' or 'on_output'");
  }
  if (params.init_cfg.is_none() || is_xavier(params.init_cfg)) return;
  throw Error(ErrorKind::config, "FPN does not support this init_cfg")
      .help("remove it: convolutions start with Xavier's uniform distribution");
}

}  // namespace

void describe(Schema<UpsampleCfg>& schema) {
  schema.summary("How a coarse level is enlarged.")
      .optional("mode", &UpsampleCfg::mode, "'nearest' or 'bilinear'")
      .optional("scale_factor", &UpsampleCfg::scale_factor, "None: to the size of the finer level")
      .refused("align_corners", "corners are not aligned")
      .check([](const UpsampleCfg& params) {
        if (params.scale_factor && !(*params.scale_factor > 0))
          throw_config_error("scale_factor must be greater than 0");
        if (params.mode == "nearest" || params.mode == "bilinear") return;
        throw_config_error("mode is '" + params.mode + "'; it must be 'nearest' or 'bilinear'");
      });
}

void describe(Schema<FPN>& schema) {
  schema.summary("Feature pyramid from the maps of a backbone.")
      .required("in_channels", &FPN::in_channels, "channels of the maps of the backbone")
      .required("out_channels", &FPN::out_channels, "channels of every level", at_least(1))
      .required("num_outs", &FPN::num_outs, "levels", at_least(1))
      .optional("start_level", &FPN::start_level, "first map that is used, from 0", at_least(0))
      .optional("end_level", &FPN::end_level, "last map that is used; -1: the last", at_least(-1))
      .optional("add_extra_convs", &FPN::add_extra_convs,
                "what extra levels are computed from: 'on_input' (True), 'on_lateral', "
                "'on_output'; False: they are subsampled")
      .optional("relu_before_extra_convs", &FPN::relu_before_extra_convs,
                "ReLU before each extra level but the first")
      .optional("no_norm_on_lateral", &FPN::no_norm_on_lateral, "norm_cfg is not for laterals")
      .optional("conv_cfg", &FPN::conv_cfg, "None or Conv2d")
      .optional("norm_cfg", &FPN::norm_cfg, "normalisation of the convolutions, or None")
      .optional("upsample_cfg", &FPN::upsample_cfg, "how a coarse level is enlarged")
      .optional("init_cfg", &FPN::init_cfg, "None or mmdet's Xavier")
      .refused("act_cfg", "no activation follows the convolutions")
      .check(check_fpn);
}

ExtraSource extra_source(const FPN& params) {
  const auto* name = std::get_if<std::string>(&params.add_extra_convs);
  if (name == nullptr)
    return std::get<bool>(params.add_extra_convs) ? ExtraSource::input : ExtraSource::none;
  if (*name == "on_input") return ExtraSource::input;
  return *name == "on_lateral" ? ExtraSource::lateral : ExtraSource::output;
}

int lateral_count(const FPN& params) { return last_level(params) - params.start_level + 1; }

FeatureShapes output_shapes(const FPN& params, const FeatureShapes& input) {
  if (params.in_channels != input.channels) {
    throw Error(ErrorKind::config,
                fmt::format("neck.in_channels is [{}]; the backbone's maps have [{}]",
                            fmt::join(params.in_channels, ", "), fmt::join(input.channels, ", ")));
  }
  FeatureShapes levels;
  for (int i = params.start_level; i <= last_level(params); ++i)
    levels.strides.push_back(input.strides[static_cast<std::size_t>(i)]);
  while (std::ssize(levels.strides) < params.num_outs)
    levels.strides.push_back(2 * levels.strides.back());
  levels.channels.assign(levels.strides.size(), params.out_channels);
  return levels;
}

}  // namespace pinfeed
