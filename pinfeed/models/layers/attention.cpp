// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3.
#include <cmath>

#include "pinfeed/models/layers/blocks.h"

namespace pinfeed {
namespace {

// The row and the column of each key in one-hot form: (H * W, H + W).
torch::Tensor key_positions(std::int64_t height, std::int64_t width,
                            const torch::TensorOptions& like) {
  const torch::Tensor rows = torch::eye(height, like).repeat_interleave(width, 0);
  const torch::Tensor columns = torch::eye(width, like).repeat({height, 1});
  return torch::cat({rows, columns}, 1);
}

torch::Tensor padded_channels(const torch::Tensor& value, std::int64_t more) {
  return torch::constant_pad_nd(value, {0, more});
}

}  // namespace

torch::Tensor relative_rows(const torch::Tensor& table, std::int64_t length) {
  torch::Tensor fitted = table;
  if (table.size(0) != 2 * length - 1) {
    fitted =
        torch::upsample_linear1d(table.t().unsqueeze(0), {2 * length - 1}, false).squeeze(0).t();
  }
  const torch::Tensor position = torch::arange(length, torch::TensorOptions(table.device()));
  const torch::Tensor rows = position.unsqueeze(1) - position.unsqueeze(0) + (length - 1);
  return fitted.index_select(0, rows.flatten()).view({length, length, -1});
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
  return qkv->forward(tokens)
      .view({tokens.size(0), tokens.size(1), 3, heads_, -1})
      .permute({2, 0, 3, 1, 4})
      .unbind(0);
}

torch::Tensor Attention::joined(const torch::Tensor& heads) {
  return proj->forward(heads.transpose(1, 2).flatten(2));
}

torch::Tensor Attention::forward(const torch::Tensor& tokens) {
  const std::vector<torch::Tensor> parts = split(tokens);
  return joined(torch::scaled_dot_product_attention(parts[0], parts[1], parts[2]));
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
      torch::einsum("nahwc,hkc->nahwk", {query_grid, relative_rows(rel_pos_h, height)});
  const torch::Tensor by_column =
      torch::einsum("nahwc,wkc->nahwk", {query_grid, relative_rows(rel_pos_w, width)});
  const torch::Tensor scaled = query_grid / std::sqrt(static_cast<double>(channels));
  const torch::Tensor long_query = torch::cat({scaled, by_row, by_column}, 4).flatten(2, 3);
  const torch::Tensor own = key_positions(height, width, query.options())
                                .expand({query.size(0), heads_, height * width, height + width});
  const torch::Tensor long_key = torch::cat({parts[1], own}, 3);
  const torch::Tensor heads = torch::scaled_dot_product_attention(
      long_query, long_key, padded_channels(parts[2], height + width), {}, 0.0, false, 1.0);
  return joined(heads.narrow(3, 0, channels)).view_as(grid);
}

}  // namespace pinfeed
