// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "pinfeed/models/layers/resample_matrix.h"
#include "pinfeed/models/model_random.h"

namespace pinfeed {

/// The sizes and options of one transformer block.
struct BlockShape {
  std::int64_t channels = 768;
  std::int64_t heads = 12;
  std::int64_t hidden = 3072;  // of the MLP
  bool qkv_bias = true;
  double eps = 1e-6;         // of the normalisations
  double drop_path = 0.0;    // probability that a sample skips the block
  std::int64_t window = 0;   // side in tokens; 0: global attention
  std::int64_t rel_pos = 0;  // side of the grid that relative positions are stored for; 0: none
};

/// The rows of a table of relative positions, (2 * stored length - 1, channels), for each pair
/// (query, key) of tokens in a line. Keeps what depends on the length only.
class RelativeRows {
 public:
  /// (length, length, channels). The table is resampled linearly when it was stored for another
  /// length.
  torch::Tensor operator()(const torch::Tensor& table, std::int64_t length);

 private:
  ResampleMatrix resampling_{Resampling::linear};
  torch::Tensor index_ = {};  // (length, length)
};

/// Self-attention, with decomposed relative positions where rel_pos is set
/// (docs/specs/openmmlab-data.md, 5.3).
class Attention : public torch::nn::Module {
 public:
  explicit Attention(const BlockShape& shape);
  /// (N, L, channels), without positions.
  torch::Tensor forward(const torch::Tensor& tokens);
  /// (N, H, W, channels), positions from the grid.
  torch::Tensor forward_grid(const torch::Tensor& grid);

  torch::nn::Linear qkv = nullptr;
  torch::nn::Linear proj = nullptr;
  torch::Tensor rel_pos_h = {};  // (2 * side - 1, channels of a head)
  torch::Tensor rel_pos_w = {};

 private:
  std::vector<torch::Tensor> split(const torch::Tensor& tokens);
  torch::Tensor joined(const torch::Tensor& heads);
  const torch::Tensor& key_positions(std::int64_t height, std::int64_t width,
                                     const torch::Tensor& like);

  std::int64_t heads_;
  RelativeRows rows_ = {};
  RelativeRows columns_ = {};
  torch::Tensor key_positions_ = {};
  std::int64_t key_width_ = 0;  // of the grid that key_positions_ belongs to
};

/// Two linear layers with GELU between them.
class Mlp : public torch::nn::Module {
 public:
  Mlp(std::int64_t channels, std::int64_t hidden);
  torch::Tensor forward(const torch::Tensor& tokens);

  torch::nn::Linear fc1 = nullptr;
  torch::nn::Linear fc2 = nullptr;
};

/// A pre-norm transformer block.
class Block : public torch::nn::Module {
 public:
  explicit Block(const BlockShape& shape);
  /// (N, L, channels) or, where the block has windows or relative positions, (N, H, W, channels).
  /// `noise` is (N, 2): uniform numbers that decide which samples skip the attention and the MLP.
  /// Undefined: torch's generator gives them.
  torch::Tensor forward(const torch::Tensor& tokens, const torch::Tensor& noise = {});

  torch::nn::LayerNorm norm1 = nullptr;
  std::shared_ptr<Attention> attn = nullptr;
  torch::nn::LayerNorm norm2 = nullptr;
  std::shared_ptr<Mlp> mlp = nullptr;

 private:
  torch::Tensor attended(const torch::Tensor& tokens);
  torch::Tensor dropped(const torch::Tensor& branch, const torch::Tensor& noise) const;

  std::int64_t window_;
  double drop_path_;
};

/// A sequence of blocks, named by their numbers.
class BlockStack : public torch::nn::Module {
 public:
  /// `checkpoint`: what the gradients of a block need is computed again in the backward pass.
  explicit BlockStack(const std::vector<BlockShape>& shapes, bool checkpoint = false);
  /// `random` decides which samples skip which blocks.
  torch::Tensor forward(const torch::Tensor& tokens, const ModelRandom& random);

 private:
  bool drop_path_ = false;  // of any block
  std::vector<std::shared_ptr<Block>> blocks_;
  bool checkpoint_;
};

/// Drop path rates of the blocks: linear from 0 to `last`.
std::vector<double> drop_path_rates(double last, std::int64_t depth);

}  // namespace pinfeed
