// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/cli/command.h"
#include "pinfeed/train/entry_points.h"

namespace pinfeed::cli {

/// Limits how long threads of libgomp that wait for work spin before they sleep, unless the user
/// has set it. To be called before torch is opened, also by a plugin.
void shorten_spinning();

/// libpinfeed_train.so, which commands that need torch open. It is never closed.
class TrainLibrary {
 public:
  /// Searches the folder of the binary, ../lib, and the folder of libpinfeed.so. Throws
  /// Error(system) that says what is missing and how to install it.
  TrainLibrary();

  void train(const TrainArguments& arguments) const;
  EvalReport eval(const EvalArguments& arguments) const;
  TrialReport trial(const TrainArguments& arguments, double seconds) const;
  PredictReport predict(const PredictArguments& arguments) const;
  ModelGroups groups(const Value& config, const ModelCatalog& added) const;

 private:
  void* symbol(const char* name) const;

  std::string path_;
  void* handle_ = nullptr;
};

/// Adds --weights-dir, the folder of weights that configs name by a URL, torchvision:// or
/// open-mmlab://. The library reads it from the environment (formats/weights/weights_folder.h).
/// `written`, which may be null, gets the folder of the option.
void add_weights_dir(CLI::App& command, std::string* written = nullptr);

}  // namespace pinfeed::cli
