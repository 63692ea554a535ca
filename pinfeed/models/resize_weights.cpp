// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain's resize_pos_embed; docs/specs/openmmlab-data.md, 5.3.
#include "pinfeed/models/resize_weights.h"

#include <cmath>
#include <optional>

namespace pinfeed {
namespace {

// A square grid of positions, behind that of a class token or without one.
struct PositionGrid {
  std::int64_t first = 0;  // 1 with a class token
  std::int64_t side = 0;
};

std::optional<PositionGrid> grid_of(const torch::Tensor& positions) {
  for (const std::int64_t first : {0, 1}) {
    const std::int64_t count = positions.size(1) - first;
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(double(count))));
    if (side > 0 && side * side == count) return PositionGrid{first, side};
  }
  return std::nullopt;
}

// The model's own position of a class token stays where the file has none.
torch::Tensor resized_positions(const torch::Tensor& stored, const torch::Tensor& ours) {
  if (stored.dim() != 3 || ours.dim() != 3 || stored.size(0) != 1 ||
      stored.size(2) != ours.size(2)) {
    return {};
  }
  const auto from = grid_of(stored);
  const auto to = grid_of(ours);
  if (!from || !to) return {};
  const torch::Tensor square = stored.narrow(1, from->first, from->side * from->side)
                                   .to(torch::kFloat32)
                                   .view({1, from->side, from->side, -1})
                                   .permute({0, 3, 1, 2});
  const torch::Tensor line =
      torch::upsample_bicubic2d(square, {to->side, to->side}, false).flatten(2).transpose(1, 2);
  if (to->first == 0) return line;
  const torch::Tensor first = (from->first == 1 ? stored : ours).narrow(1, 0, 1);
  return torch::cat({first.to(line.options()), line}, 1);
}

torch::Tensor resized_table(const torch::Tensor& stored, const torch::Tensor& ours) {
  if (stored.dim() != 2 || ours.dim() != 2 || stored.size(1) != ours.size(1)) return {};
  const torch::Tensor line = stored.to(torch::kFloat32).t().unsqueeze(0);
  return torch::upsample_linear1d(line, {ours.size(0)}, false).squeeze(0).t();
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

bool has_resizable_name(const std::string& name) {
  const std::string last = last_part(name);
  return last == "pos_embed" || last == "rel_pos_h" || last == "rel_pos_w";
}

torch::Tensor resized_weight(const std::string& name, const torch::Tensor& stored,
                             const torch::Tensor& ours) {
  const torch::NoGradGuard no_gradients;
  if (!has_resizable_name(name)) return {};
  if (last_part(name) == "pos_embed") return resized_positions(stored, ours.detach().cpu());
  return resized_table(stored, ours);
}

}  // namespace pinfeed
