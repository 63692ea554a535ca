// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/catalog.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/sampler.h"
#include "pinfeed/data/transform.h"

namespace pinfeed {

struct Catalogs;

/// A part inside a part, built when its owner is made: what is written, and where it stands.
struct ConfigPart {
  Value value = {};
  std::string path = {};
};

template <>
struct Converter<ConfigPart> {
  static ConfigPart from(const Value& value, const std::string& path) { return {value, path}; }
  static std::string wanted() { return "dict"; }
  static Value shown(const ConfigPart& part) { return part.value; }
};

/// The steps of a pipeline, built when their owner is made.
struct ConfigSteps {
  Value value = List{};
  std::string path = {};
};

template <>
struct Converter<ConfigSteps> {
  static ConfigSteps from(const Value& value, const std::string& path) {
    if (!value.is_sequence()) throw wrong_type(value, path, wanted());
    return {value, path};
  }
  static std::string wanted() { return "list of dict"; }
  static Value shown(const ConfigSteps& steps) { return steps.value; }
};

/// What making a part of a data path may need besides its own keys.
struct BuildContext {
  const Catalogs* catalogs = nullptr;
  SamplerContext sampler = {};
  bool index = true;  // large annotation files get an index beside them
  BadRecords bad_records = BadRecords::raise;
};

// The parts' own functions, called from outside the catalogs: inside, Catalog::make would hide
// them.
template <class T>
std::function<Bound(const Bound&)> made_bound(const T& params) {
  if constexpr (requires { bound(params, Bound()); }) {
    return [params](const Bound& images) -> Bound { return bound(params, images); };
  } else {
    return nullptr;
  }
}
template <class T>
Transform made_transform(const T& params, const BuildContext& context) {
  if constexpr (requires { make(params, context); }) {
    return make(params, context);
  } else {
    return {.name = std::string(T::name),
            .use = fields(params),
            .apply = [params](Sample& sample,
                              RandomContext& random) { return apply(params, sample, random); },
            .bound = made_bound(params)};
  }
}
template <class T>
Dataset made_dataset(const T& params, const BuildContext& context) {
  return make(params, context);
}
template <class T>
Sampler made_sampler(const T& params, const BuildContext& context) {
  return make(params, context.sampler);
}

template <class T>
BatchSampler made_batch_sampler(const T& params, const BuildContext& context) {
  return make(params, context.sampler);
}

/// Transforms: `apply(params, sample, draw)` and `fields(params)` are found beside the struct, and
/// `Bound bound(params, const Bound& images)` where the step knows how large its images can be
/// (Transform::bound). A part that builds other parts has `Transform make(const Params&, const
/// BuildContext&)` instead.
class TransformCatalog : public Catalog<Transform, BuildContext> {
 public:
  TransformCatalog() : Catalog("transform") {}

  template <class T>
  void add() {
    add_with<T>(made_transform<T>);
  }
};

/// Data sets: `Dataset make(const Params&, const BuildContext&)`.
class DatasetCatalog : public Catalog<Dataset, BuildContext> {
 public:
  DatasetCatalog() : Catalog("dataset") {}
  template <class T>
  void add() {
    add_with<T>(made_dataset<T>);
  }
};

/// Samplers: `Sampler make(const Params&, const SamplerContext&)`.
class SamplerCatalog : public Catalog<Sampler, BuildContext> {
 public:
  SamplerCatalog() : Catalog("sampler") {}
  template <class T>
  void add() {
    add_with<T>(made_sampler<T>);
  }
};

/// Batch samplers: `BatchSampler make(const Params&, const SamplerContext&)`.
class BatchSamplerCatalog : public Catalog<BatchSampler, BuildContext> {
 public:
  BatchSamplerCatalog() : Catalog("batch_sampler") {}
  template <class T>
  void add() {
    add_with<T>(made_batch_sampler<T>);
  }
};

/// Collates: `Layout layout(const Params&, std::span<const Item>, Arena&)`, and for those that pad
/// images `ImageBound padded(const Params&, const ImageBound&)`.
class CollateCatalog : public Catalog<Collate, BuildContext> {
 public:
  CollateCatalog() : Catalog("collate") {}
  template <class T>
  void add() {
    add_with<T>([](const T& params, const BuildContext&) -> Collate {
      Collate made{std::string(T::name), [params](std::span<const TreeNode> samples, Arena& arena) {
                     return layout(params, samples, arena);
                   }};
      if constexpr (requires { padded(params, ImageBound()); }) {
        made.padded = [params](const ImageBound& images) { return padded(params, images); };
      }
      return made;
    });
  }
};

/// The parts of the data path, by kind. builtin() (data/loader/builtin_catalogs.h) makes those of
/// pinfeed; a program adds its own.
struct Catalogs {
  TransformCatalog transforms = {};
  DatasetCatalog datasets = {};
  SamplerCatalog samplers = {};
  BatchSamplerCatalog batch_samplers = {};
  CollateCatalog collates = {};
};

/// Builds the steps of a pipeline. Each knows where the config writes it.
std::vector<Transform> make_steps(const ConfigSteps& steps, const BuildContext& context);

}  // namespace pinfeed
