// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/resample_matrix.h"

#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

// The columns of the matrix are what becomes of the unit vectors.
torch::Tensor computed(Resampling kind, std::int64_t from, std::int64_t to) {
  const torch::NoGradGuard no_gradients;
  const torch::Tensor units = torch::eye(from);
  if (kind == Resampling::linear)
    return torch::upsample_linear1d(units.unsqueeze(0), {to}, false).squeeze(0).t().contiguous();
  // The other side keeps its length, so it does not change.
  return torch::upsample_bicubic2d(units.view({1, 1, from, from}), {to, from}, false)
      .view({to, from});
}

}  // namespace

torch::Tensor ResampleMatrix::operator()(const torch::Tensor& line, std::int64_t to) {
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  const std::int64_t from = line.size(0);
  const bool fits = matrix_.defined() && matrix_.size(0) == to && matrix_.size(1) == from &&
                    matrix_.device() == line.device() && matrix_.dtype() == line.dtype();
  if (!fits) matrix_ = sent(computed(kind_, from, to).to(line.scalar_type()), line.device());
  std::vector<std::int64_t> shape = line.sizes().vec();
  shape[0] = to;
  return matrix_.mm(line.reshape({from, -1})).view(shape);
}

}  // namespace pinfeed
