// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, ATSSAssigner.
//
//   1. The candidates of an object are the topk priors of each level whose centres are nearest to
//      its own. Ignored priors are farther away than all others.
//   2. The threshold of an object is the mean of its candidates' IoU plus their standard deviation.
//   3. A candidate whose IoU is at least the threshold, and whose centre lies in the object, has
//      the object; of several objects the one with the largest IoU, and of those the first.
#include "pinfeed/models/task_modules/atss_assigner.h"

#include <algorithm>

#include "pinfeed/models/task_modules/assigner.h"

namespace pinfeed {
namespace {

constexpr double far_away = 1e8;
constexpr std::int64_t distances_at_once = std::int64_t{1} << 21U;  // of a prior and an object

torch::Tensor centers_of(const torch::Tensor& boxes) {
  return (boxes.narrow(1, 0, 2) + boxes.narrow(1, 2, 2)) / 2;
}

// The priors of a level that are nearest to each of some objects: (k, g).
torch::Tensor nearest_of(const torch::Tensor& priors, const torch::Tensor& objects,
                         const torch::Tensor& ignored, std::int64_t most) {
  const torch::Tensor x = priors.select(1, 0).unsqueeze(1) - objects.select(1, 0).unsqueeze(0);
  const torch::Tensor y = priors.select(1, 1).unsqueeze(1) - objects.select(1, 1).unsqueeze(0);
  torch::Tensor distances = (x * x + y * y).sqrt_();
  if (ignored.defined()) distances.masked_fill_(ignored.unsqueeze(1), far_away);
  return std::get<1>(distances.topk(std::min(most, priors.size(0)), 0, false));
}

// Step 1: (k * levels, g).
torch::Tensor candidates_of(const ATSSAssigner& params, const torch::Tensor& priors,
                            const std::vector<std::int64_t>& per_level,
                            const torch::Tensor& objects, const torch::Tensor& ignored) {
  std::vector<torch::Tensor> levels;
  std::int64_t first = 0;
  for (const std::int64_t count : per_level) {
    const torch::Tensor own = priors.narrow(0, first, count);
    const torch::Tensor unused = ignored.defined() ? ignored.narrow(0, first, count) : ignored;
    const std::int64_t at_once =
        std::max<std::int64_t>(1, distances_at_once / std::max<std::int64_t>(1, count));
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& some : objects.split(at_once))
      parts.push_back(nearest_of(own, some, unused, params.topk) + first);
    levels.push_back(torch::cat(parts, 1));
    first += count;
  }
  return torch::cat(levels);
}

// Steps 2 and 3: which candidates, (k, g), are positive. `overlaps` is (k, g).
torch::Tensor positives_of(const torch::Tensor& candidates, const torch::Tensor& overlaps,
                           const torch::Tensor& centers, const torch::Tensor& boxes) {
  const std::int64_t rows = 0;
  const at::IntArrayRef of_object(rows);
  const torch::Tensor least = overlaps.mean(of_object) + overlaps.std(of_object, true);
  const torch::Tensor at = centers.index_select(0, candidates.flatten())
                               .view({candidates.size(0), candidates.size(1), 2});
  const torch::Tensor inside =
      torch::cat({at - boxes.narrow(1, 0, 2), boxes.narrow(1, 2, 2) - at}, 2).amin(2) > 0.01;
  return (overlaps >= least) & inside;
}

// The object of each of `count` priors, from 1; 0 for those that no positive pair names. All
// tensors are (k, g): a pair is a candidate of an object.
torch::Tensor with_largest_overlap(const torch::Tensor& priors, const torch::Tensor& overlaps,
                                   const torch::Tensor& positive, std::int64_t count) {
  const torch::Tensor rows = priors.flatten();
  const torch::Tensor own = torch::where(positive, overlaps, -1.0).flatten();
  const torch::Tensor best =
      torch::full({count}, -1.0, own.options()).scatter_reduce_(0, rows, own, "amax");
  const torch::Tensor is_best = positive.flatten() & (own == best.index_select(0, rows));
  constexpr std::int64_t none = std::int64_t{1} << 40U;
  const torch::Tensor objects = torch::arange(priors.size(1), rows.options());
  const torch::Tensor first =
      torch::full({count}, none, rows.options())
          .scatter_reduce_(0, rows, torch::where(is_best, objects.repeat({priors.size(0)}), none),
                           "amin");
  return torch::where(first < none, first + 1, 0);
}

}  // namespace

torch::Tensor assigned(const ATSSAssigner& params, const torch::Tensor& priors,
                       const std::vector<std::int64_t>& per_level, const DetDataSample& truth) {
  const torch::NoGradGuard no_gradients;
  const std::int64_t objects = truth.boxes.size(0);
  const std::int64_t count = priors.size(0);
  if (objects == 0 || count == 0)
    return torch::zeros({count}, priors.options().dtype(torch::kLong));
  torch::Tensor ignored;
  if (params.ignore_iof_thr > 0 && truth.ignored_boxes.size(0) > 0)
    ignored = box_overlaps(priors, truth.ignored_boxes, true).amax(1) > params.ignore_iof_thr;
  const torch::Tensor centers = centers_of(priors);
  const torch::Tensor candidates =
      candidates_of(params, centers, per_level, centers_of(truth.boxes), ignored);
  const torch::Tensor overlaps = paired_overlaps(priors.index_select(0, candidates.flatten()),
                                                 truth.boxes.repeat({candidates.size(0), 1}))
                                     .view(candidates.sizes());
  const torch::Tensor result = with_largest_overlap(
      candidates, overlaps, positives_of(candidates, overlaps, centers, truth.boxes), count);
  return ignored.defined() ? torch::where((result == 0) & ignored, -1, result) : result;
}

}  // namespace pinfeed
