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

/// What making a part of a data path may need besides its own keys.
struct BuildContext {
  const Catalogs* catalogs = nullptr;
  SamplerContext sampler = {};
};

/// Transforms: `apply(params, sample, draw)` and `fields(params)` are found beside the struct. A part
/// that builds other parts has `Transform make(const Params&, const BuildContext&)` instead.
class TransformCatalog : public Catalog<Transform, BuildContext> {
 public:
  TransformCatalog() : Catalog("transform") {}

  template <class T>
  void add() {
    add_with<T>([](const T& params, const BuildContext& context) -> Transform {
      if constexpr (requires { make(params, context); }) {
        return make(params, context);
      } else {
        return {.name = std::string(T::name),
                .use = fields(params),
                .apply = [params](Sample& sample, Draw& draw) { return apply(params, sample, draw); }};
      }
    });
  }
};

/// Data sets: `Dataset make(const Params&, const BuildContext&)`.
class DatasetCatalog : public Catalog<Dataset, BuildContext> {
 public:
  DatasetCatalog() : Catalog("dataset") {}
  template <class T>
  void add() {
    add_with<T>([](const T& params, const BuildContext& context) { return make(params, context); });
  }
};

/// Samplers: `Sampler make(const Params&, const SamplerContext&)`.
class SamplerCatalog : public Catalog<Sampler, BuildContext> {
 public:
  SamplerCatalog() : Catalog("sampler") {}
  template <class T>
  void add() {
    add_with<T>(
        [](const T& params, const BuildContext& context) { return make(params, context.sampler); });
  }
};

/// Collates: `Layout layout(const Params&, std::span<const Item>, Arena&)`.
class CollateCatalog : public Catalog<Collate, BuildContext> {
 public:
  CollateCatalog() : Catalog("collate") {}
  template <class T>
  void add() {
    add_with<T>([](const T& params, const BuildContext&) -> Collate {
      return {std::string(T::name), [params](std::span<const Item> samples, Arena& arena) {
                return layout(params, samples, arena);
              }};
    });
  }
};

/// The parts of the data path. Open: add your own to `builtin()`.
struct Catalogs {
  TransformCatalog transforms = {};
  DatasetCatalog datasets = {};
  SamplerCatalog samplers = {};
  CollateCatalog collates = {};
};

/// Every part that pinfeed has (the menus transforms.h, datasets.h, samplers.h, collates.h).
Catalogs builtin();

/// Builds the steps of a pipeline: a list of dictionaries at `path`.
std::vector<Transform> make_steps(const Value& steps, const std::string& path,
                                  const BuildContext& context);

}  // namespace pinfeed
