// SPDX-License-Identifier: Apache-2.0
// The menu of samplers. Each: a struct of parameters, `describe`, `make`, and its name in the list
// at the end. Source: specs data 3.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Epochs over the whole data set, shuffled by seed + epoch, dealt out to the ranks one by one.
struct DefaultSampler {
  static constexpr auto name = "DefaultSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // the run's when absent
  bool round_up = true;  // ranks of equal length; the head of the order fills the gap
};
void describe(Schema<DefaultSampler>& schema);
Sampler make(const DefaultSampler& params, const SamplerContext& context);

/// torch's own: DefaultSampler whose seed is not the run's, and which may drop the tail.
struct DistributedSampler {
  static constexpr auto name = "DistributedSampler";

  bool shuffle = true;
  std::int64_t seed = 0;
  bool drop_last = false;  // else ranks of equal length: the head of the order fills the gap
};
void describe(Schema<DistributedSampler>& schema);
Sampler make(const DistributedSampler& params, const SamplerContext& context);

/// One stream without epochs: one shuffled order after the other, dealt out to the ranks.
struct InfiniteSampler {
  static constexpr auto name = "InfiniteSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // the run's when absent
};
void describe(Schema<InfiniteSampler>& schema);
Sampler make(const InfiniteSampler& params, const SamplerContext& context);

/// Shuffled classes, and of each some of its shuffled images: every class comes as often.
struct ClassAwareSampler {
  static constexpr auto name = "ClassAwareSampler";

  std::optional<std::int64_t> seed = {};
  int num_sample_class = 1;  // images of a class at a time
};
void describe(Schema<ClassAwareSampler>& schema);
Sampler make(const ClassAwareSampler& params, const SamplerContext& context);

/// One stream of batches that hold so many images of each data set of a ConcatDataset.
struct MultiSourceSampler {
  static constexpr auto name = "MultiSourceSampler";

  std::int64_t batch_size = 1;
  std::vector<double> source_ratio = {};  // parts of a batch, of each data set
  bool shuffle = true;
  std::optional<std::int64_t> seed = {};
};
void describe(Schema<MultiSourceSampler>& schema);
Sampler make(const MultiSourceSampler& params, const SamplerContext& context);

/// MultiSourceSampler whose batches are all upright or all lying.
struct GroupMultiSourceSampler : MultiSourceSampler {
  static constexpr auto name = "GroupMultiSourceSampler";
};
void describe(Schema<GroupMultiSourceSampler>& schema);
Sampler make(const GroupMultiSourceSampler& params, const SamplerContext& context);

/// Epochs over the whole data set in an order that is computed place by place: it takes no memory,
/// whatever the size.
struct KeyedSampler {
  static constexpr auto name = "KeyedSampler";

  std::optional<std::int64_t> seed = {};
};
void describe(Schema<KeyedSampler>& schema);
Sampler make(const KeyedSampler& params, const SamplerContext& context);

/// Batches of pictures that are all upright or all lying.
struct AspectRatioBatchSampler {
  static constexpr auto name = "AspectRatioBatchSampler";

  bool drop_last = false;
};
void describe(Schema<AspectRatioBatchSampler>& schema);
BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context);

/// The same, and all of one of the data sets of a ConcatDataset.
struct MultiDataAspectRatioBatchSampler {
  static constexpr auto name = "MultiDataAspectRatioBatchSampler";

  std::vector<std::int64_t> batch_size = {};  // of each data set
  std::int64_t num_datasets = 1;
  bool drop_last = true;
};
void describe(Schema<MultiDataAspectRatioBatchSampler>& schema);
BatchSampler make(const MultiDataAspectRatioBatchSampler& params, const SamplerContext& context);

using BuiltinSamplers =
    std::tuple<DefaultSampler, DistributedSampler, InfiniteSampler, ClassAwareSampler,
               MultiSourceSampler, GroupMultiSourceSampler, KeyedSampler>;
using BuiltinBatchSamplers = std::tuple<AspectRatioBatchSampler, MultiDataAspectRatioBatchSampler>;

}  // namespace pinfeed
