// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3.
#include <cmath>

#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/ops/linear.h"

namespace pinfeed {
namespace {

// The fused kernels of CUDA want a multiple of 8.
std::int64_t wide_channels(std::int64_t channels) { return (channels + 7) / 8 * 8; }

// The row and the column of each key in one-hot form, and zeros: (H * W, channels).
torch::Tensor one_hot_positions(std::int64_t height, std::int64_t width, std::int64_t channels,
                                const torch::Tensor& like) {
  const torch::TensorOptions options = like.options().requires_grad(false);
  const torch::Tensor rows = torch::eye(height, options).repeat_interleave(width, 0);
  const torch::Tensor columns = torch::eye(width, options).repeat({height, 1});
  return torch::constant_pad_nd(torch::cat({rows, columns}, 1), {0, channels - height - width});
}

torch::Tensor padded_channels(const torch::Tensor& value, std::int64_t more) {
  return more == 0 ? value : torch::constant_pad_nd(value, {0, more});
}

}  // namespace

torch::Tensor RelativeRows::operator()(const torch::Tensor& table, std::int64_t length) {
  torch::Tensor fitted = table;
  if (table.size(0) != 2 * length - 1) fitted = resampling_(table, 2 * length - 1);
  if (!index_.defined() || index_.size(0) != length || index_.device() != table.device()) {
    const torch::Tensor position = torch::arange(length);
    index_ = sent(position.unsqueeze(1) - position.unsqueeze(0) + (length - 1), table.device());
  }
  return fitted.index_select(0, index_.flatten()).view({length, length, -1});
}

Attention::Attention(const BlockShape& shape) : heads_(shape.heads) {
  const std::int64_t channels = shape.channels;
  qkv = register_module(
      "qkv",
      torch::nn::Linear(torch::nn::LinearOptions(channels, 3 * channels).bias(shape.qkv_bias)));
  proj = register_module("proj", torch::nn::Linear(channels, channels));
  if (shape.rel_pos == 0) return;
  const torch::Tensor zeros = torch::zeros({2 * shape.rel_pos - 1, channels / heads_});
  rel_pos_h = register_parameter("rel_pos_h", zeros.clone());
  rel_pos_w = register_parameter("rel_pos_w", zeros.clone());
}

// Query, key and value, each (N, heads, L, channels of a head).
std::vector<torch::Tensor> Attention::split(const torch::Tensor& tokens) {
  return linear(tokens, *qkv)
      .view({tokens.size(0), tokens.size(1), 3, heads_, -1})
      .permute({2, 0, 3, 1, 4})
      .unbind(0);
}

torch::Tensor Attention::joined(const torch::Tensor& heads) {
  return linear(heads.transpose(1, 2).flatten(2), *proj);
}

torch::Tensor Attention::forward(const torch::Tensor& tokens) {
  const std::vector<torch::Tensor> parts = split(tokens);
  return joined(torch::scaled_dot_product_attention(parts[0], parts[1], parts[2]));
}

const torch::Tensor& Attention::key_positions(std::int64_t height, std::int64_t width,
                                              const torch::Tensor& like) {
  const std::int64_t own = like.size(3);
  const std::int64_t channels = wide_channels(own + height + width) - own;
  const torch::Tensor& kept = key_positions_;
  const bool fits = kept.defined() && key_width_ == width && kept.size(0) == height * width &&
                    kept.size(1) == channels && kept.device() == like.device() &&
                    kept.dtype() == like.dtype();
  if (!fits) key_positions_ = one_hot_positions(height, width, channels, like);
  key_width_ = width;
  return key_positions_;
}

// A relative position adds q . R_h[row of q, row of k] + q . R_w[column of q, column of k] to the
// logit of (q, k). The same sum is one longer dot product: the query is extended by its terms for
// every row and column, the key by the one-hot code of its own row and column. No matrix of logits
// is stored, and the fused attention of every device can be used.
torch::Tensor Attention::forward_grid(const torch::Tensor& grid) {
  const std::int64_t height = grid.size(1);
  const std::int64_t width = grid.size(2);
  const torch::Tensor tokens = grid.flatten(1, 2);
  if (!rel_pos_h.defined()) return forward(tokens).view_as(grid);

  const std::vector<torch::Tensor> parts = split(tokens);
  const torch::Tensor& query = parts[0];
  const std::int64_t channels = query.size(3);
  const torch::Tensor query_grid = query.unflatten(2, {height, width});
  const torch::Tensor by_row =
      torch::einsum("nahwc,hkc->nahwk", {query_grid, rows_(rel_pos_h, height)});
  const torch::Tensor by_column =
      torch::einsum("nahwc,wkc->nahwk", {query_grid, columns_(rel_pos_w, width)});
  const torch::Tensor scaled = query_grid / std::sqrt(static_cast<double>(channels));
  const torch::Tensor own = key_positions(height, width, query);
  const std::int64_t more = own.size(1);
  const torch::Tensor long_query = padded_channels(
      torch::cat({scaled, by_row, by_column}, 4).flatten(2, 3), more - height - width);
  const torch::Tensor long_key =
      torch::cat({parts[1], own.expand({query.size(0), heads_, height * width, more})}, 3);
  const torch::Tensor heads = torch::scaled_dot_product_attention(
      long_query, long_key, padded_channels(parts[2], more), {}, 0.0, false, 1.0);
  return joined(heads.narrow(3, 0, channels)).view_as(grid);
}

}  // namespace pinfeed
