// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/entry_points.h"

namespace pinfeed::cli {

/// libpinfeed_train.so, opened by the commands that need torch. The library stays open.
class TrainLibrary {
 public:
  /// Looks beside the binary, in ../lib, and beside libpinfeed.so. Throws Error(system) that says
  /// what is missing and how to get it.
  TrainLibrary();

  void train(const TrainArguments& arguments) const;
  EvalReport eval(const EvalArguments& arguments) const;
  ModelGroups groups(const Value& config) const;

 private:
  void* symbol(const char* name) const;

  std::string path_;
  void* handle_ = nullptr;
};

}  // namespace pinfeed::cli
