// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/config/catalog.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/sampler.h"
#include "pinfeed/data/training_parts.h"
#include "pinfeed/data/transform.h"

namespace pinfeed {

struct Catalogs;

/// The config of a part inside a part, which is built when the outer part is made, and its path.
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

/// The config of the steps of a pipeline, which are built when the outer part is made.
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

/// What may be needed to make a part besides its own keys.
struct BuildContext {
  const Catalogs* catalogs = nullptr;
  SamplerContext sampler = {};
  bool index = true;  // write an index file beside large annotation files
  BadRecords bad_records = BadRecords::raise;
  std::shared_ptr<image::CoefficientCache> cache = {};  // of decoded images; null: none
};

// These functions call those of the parts (found by argument-dependent lookup) from outside the
// catalog classes, where Catalog::make would hide them.
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

/// Transforms. The functions `bool apply(const Params&, Sample&, RandomContext&)` and
/// `FieldUse fields(const Params&)` are found in the namespace of the struct, as is the optional
/// `Bound bound(const Params&, const Bound& images)` (Transform::bound). A transform that builds
/// other parts has `Transform make(const Params&, const BuildContext&)` instead.
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

/// Collates: `Layout layout(const Params&, std::span<const TreeNode>, Arena&)`, and for those
/// that pad images `ImageBound padded(const Params&, const ImageBound&)`.
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

/// All parts by kind. builtin() (data/loader/builtin_catalogs.h) returns those of pinfeed, to which
/// a program or plugin adds its own.
struct Catalogs {
  TransformCatalog transforms = {};
  DatasetCatalog datasets = {};
  SamplerCatalog samplers = {};
  BatchSamplerCatalog batch_samplers = {};
  CollateCatalog collates = {};
  HookCatalog hooks = {};    // only those that are added: pinfeed's own are schemas/hook_list.h
  ModelCatalog models = {};  // only those that are added: pinfeed's own are schemas/model_list.h
};

/// Builds the steps of a pipeline. Each gets its path and position in the config, for errors.
std::vector<Transform> make_steps(const ConfigSteps& steps, const BuildContext& context);

}  // namespace pinfeed
