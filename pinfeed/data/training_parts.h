// SPDX-License-Identifier: Apache-2.0
// Hooks and models of programs and plugins. Nothing here needs torch: only the parts do.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pinfeed/config/catalog.h"

namespace pinfeed {

class Hook;   // train/loop/hook.h
class Model;  // models/model.h

/// A hook whose parameters are read.
struct AddedHook {
  std::string name = {};
  int default_priority = 50;
  std::function<std::shared_ptr<Hook>()> make = {};
};
/// Makes a model whose parameters are read.
using MakeModel = std::function<std::shared_ptr<Model>()>;

/// What a part of a training needs besides its keys: nothing.
struct NoContext {};

/// Hooks: `std::unique_ptr<Hook> make_hook(const Params&)`, found in the namespace of the struct,
/// whose `default_priority` says when the hook is called; 50 without it. Every hook has the key
/// `priority` too.
class HookCatalog : public Catalog<AddedHook, NoContext> {
 public:
  HookCatalog() : Catalog("hook") {}

  template <class T>
  void add() {
    add_with<T>([](const T& params, NoContext) {
      AddedHook added{.name = T::name,
                      .make = [params] { return std::shared_ptr<Hook>(make_hook(params)); }};
      if constexpr (requires { T::default_priority; }) added.default_priority = T::default_priority;
      return added;
    });
  }
};

/// Models: `std::shared_ptr<Model> make_network(const Params&)`, found in the namespace of the
/// struct.
class ModelCatalog : public Catalog<MakeModel, NoContext> {
 public:
  ModelCatalog() : Catalog("model") {}

  template <class T>
  void add() {
    add_with<T>([](const T& params, NoContext) -> MakeModel {
      return [params] { return std::shared_ptr<Model>(make_network(params)); };
    });
  }
};

}  // namespace pinfeed
