// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/blocks.h"

#include "pinfeed/models/layers/layers.h"
#include "pinfeed/models/ops/activation_checkpoint.h"
#include "pinfeed/models/ops/linear.h"

namespace pinfeed {
namespace {

torch::nn::LayerNorm norm_of(const BlockShape& shape) {
  return layer_norm(shape.channels, shape.eps);
}

// (N, H, W, C) -> (N * windows, side, side, C), zeros beyond the border.
torch::Tensor windows_of(const torch::Tensor& grid, std::int64_t side) {
  const std::int64_t below = (side - grid.size(1) % side) % side;
  const std::int64_t right = (side - grid.size(2) % side) % side;
  const torch::Tensor padded =
      below + right == 0 ? grid : torch::constant_pad_nd(grid, {0, 0, 0, right, 0, below});
  return padded.unflatten(2, {-1, side}).unflatten(1, {-1, side}).transpose(2, 3).flatten(0, 2);
}

// The inverse of windows_of for a grid (N, H, W, C).
torch::Tensor joined_windows(const torch::Tensor& windows, const torch::Tensor& grid) {
  const std::int64_t side = windows.size(1);
  const std::int64_t rows = (grid.size(1) + side - 1) / side;
  const std::int64_t columns = (grid.size(2) + side - 1) / side;
  return windows.view({grid.size(0), rows, columns, side, side, -1})
      .transpose(2, 3)
      .reshape({grid.size(0), rows * side, columns * side, -1})
      .narrow(1, 0, grid.size(1))
      .narrow(2, 0, grid.size(2));
}

}  // namespace

Mlp::Mlp(std::int64_t channels, std::int64_t hidden) {
  fc1 = register_module("fc1", torch::nn::Linear(channels, hidden));
  fc2 = register_module("fc2", torch::nn::Linear(hidden, channels));
}

torch::Tensor Mlp::forward(const torch::Tensor& tokens) {
  return linear(torch::gelu(linear(tokens, *fc1)), *fc2);
}

Block::Block(const BlockShape& shape) : window_(shape.window), drop_path_(shape.drop_path) {
  norm1 = register_module("norm1", norm_of(shape));
  attn = register_module("attn", std::make_shared<Attention>(shape));
  norm2 = register_module("norm2", norm_of(shape));
  mlp = register_module("mlp", std::make_shared<Mlp>(shape.channels, shape.hidden));
}

torch::Tensor Block::attended(const torch::Tensor& tokens) {
  if (tokens.dim() == 3) return attn->forward(tokens);
  if (window_ == 0) return attn->forward_grid(tokens);
  return joined_windows(attn->forward_grid(windows_of(tokens, window_)), tokens);
}

// Drops whole samples and scales the others by 1 / keep, so that the expected value is unchanged.
// Without `noise`, (N), the random numbers are those of mmcv's DropPath.
torch::Tensor Block::dropped(const torch::Tensor& branch, const torch::Tensor& noise) const {
  if (drop_path_ == 0.0 || !is_training()) return branch;
  const double keep = 1.0 - drop_path_;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(branch.dim()), 1);
  shape[0] = branch.size(0);
  const torch::Tensor uniform =
      noise.defined() ? noise.view(shape) : torch::rand(shape, branch.options());
  return branch / keep * uniform.add(keep).floor().to(branch.scalar_type());
}

torch::Tensor Block::forward(const torch::Tensor& tokens, const torch::Tensor& noise) {
  const auto column = [&](int i) { return noise.defined() ? noise.select(1, i) : noise; };
  const torch::Tensor between = tokens + dropped(attended(norm1->forward(tokens)), column(0));
  return between + dropped(mlp->forward(norm2->forward(between)), column(1));
}

BlockStack::BlockStack(const std::vector<BlockShape>& shapes, bool checkpoint)
    : checkpoint_(checkpoint) {
  for (const BlockShape& shape : shapes) {
    blocks_.push_back(
        register_module(std::to_string(blocks_.size()), std::make_shared<Block>(shape)));
    drop_path_ = drop_path_ || shape.drop_path > 0.0;
  }
}

// The keyed numbers of all blocks are drawn at once: on a GPU that is one copy.
torch::Tensor BlockStack::forward(const torch::Tensor& tokens, const ModelRandom& random) {
  torch::Tensor noise;
  if (random.keyed() && drop_path_ && is_training()) {
    noise = random.uniform({tokens.size(0), static_cast<std::int64_t>(blocks_.size()), 2},
                           tokens.options().dtype(torch::kFloat32), "drop_path");
  }
  torch::Tensor flow = tokens;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    const torch::Tensor own = noise.defined() ? noise.select(1, number) : noise;
    const auto run = [block = blocks_[i], own](const torch::Tensor& input) {
      return block->forward(input, own);
    };
    flow = checkpoint_ ? checkpointed(*blocks_[i], run, flow) : run(flow);
  }
  return flow;
}

std::vector<double> drop_path_rates(double last, std::int64_t depth) {
  std::vector<double> rates;
  for (std::int64_t i = 0; i < depth; ++i) {
    rates.push_back(depth == 1 ? 0.0
                               : last * static_cast<double>(i) / static_cast<double>(depth - 1));
  }
  return rates;
}

}  // namespace pinfeed
