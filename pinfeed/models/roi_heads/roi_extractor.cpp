// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, SingleRoIExtractor and bbox2roi.
#include "pinfeed/models/roi_heads/roi_extractor.h"

#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/ops/roi_align.h"

namespace pinfeed {
namespace {

// The level of each region: 0 for sizes below twice finest_scale and for NaN, one more for each
// doubling.
torch::Tensor levels_for(const torch::Tensor& regions, int finest_scale, std::int64_t levels) {
  const std::vector<torch::Tensor> side = regions.unbind(1);
  const torch::Tensor size = ((side[3] - side[1]) * (side[4] - side[2])).sqrt();
  const torch::Tensor level = (size / finest_scale + 1e-6).log2().floor().nan_to_num(0.0);
  return level.clamp(0, levels - 1).to(torch::kLong);
}

}  // namespace

torch::Tensor regions_of(const std::vector<torch::Tensor>& boxes) {
  std::vector<torch::Tensor> rows;
  for (const torch::Tensor& some : boxes) {
    const torch::Tensor image =
        torch::full({some.size(0), 1}, static_cast<double>(rows.size()), some.options());
    rows.push_back(torch::cat({image, some}, 1));
  }
  return torch::cat(rows);
}

// Parts of all levels are computed first and then put into the order of the regions.
torch::Tensor extracted_regions(const SingleRoIExtractor& params, const FeatureMaps& levels,
                                const torch::Tensor& regions) {
  const RoIAlign& layer = params.roi_layer.get();
  RegionGrid grid{.height = layer.output_size,
                  .width = layer.output_size,
                  .sampling_ratio = layer.sampling_ratio,
                  .aligned = layer.aligned};
  const std::size_t count = params.featmap_strides.size();
  const torch::Tensor level =
      levels_for(regions, params.finest_scale, static_cast<std::int64_t>(count));
  std::vector<torch::Tensor> parts;
  std::vector<torch::Tensor> places;
  for (std::size_t i = 0; i < count; ++i) {
    grid.scale = 1.0 / params.featmap_strides[i];
    places.push_back((level == static_cast<std::int64_t>(i)).nonzero().squeeze(1));
    parts.push_back(roi_align(levels[i], regions.index_select(0, places.back()), grid));
  }
  const torch::Tensor order = torch::cat(places).argsort();
  return torch::cat(parts).index_select(0, sent(order, levels.front().device()));
}

}  // namespace pinfeed
