// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/profiler_hook.h"

#include <torch/csrc/autograd/profiler_kineto.h>

#include <set>

#include "pinfeed/core/error.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

using torch::profiler::impl::ActivityType;

class Profiling : public Hook {
 public:
  explicit Profiling(const ProfilerHook& params) : params_(params) {
    if (params.activity_with_cpu) activities_.insert(ActivityType::CPU);
    if (params.activity_with_cuda) activities_.insert(ActivityType::CUDA);
  }

  // Later iterations of a resumed run are not recorded.
  void before_train(Runner& runner) override {
    if (runner.progress.iteration > 0) return;
    const torch::profiler::impl::ProfilerConfig config(
        torch::profiler::impl::ProfilerState::KINETO, params_.record_shapes, params_.profile_memory,
        params_.with_stack, params_.with_flops, false);
    torch::autograd::profiler::prepareProfiler(config, activities_);
    torch::autograd::profiler::enableProfiler(config, activities_);
    recording_ = true;
    runner.log->info("ProfilerHook: recording begins");
  }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    if (!params_.by_epoch && runner.progress.iteration == params_.profile_times) write(runner);
  }
  void after_train_epoch(Runner& runner) override {
    if (params_.by_epoch) write(runner);
  }
  void after_train(Runner& runner) override { write(runner); }

  ~Profiling() override {
    if (recording_) torch::autograd::profiler::disableProfiler();
  }

 private:
  void write(Runner& runner) {
    if (!recording_) return;
    recording_ = false;
    const std::string path = params_.json_trace_path.value_or(runner.log->folder() + "/trace.json");
    torch::autograd::profiler::disableProfiler()->save(path);
    runner.log->info("ProfilerHook: the trace is in " + path);
  }

  ProfilerHook params_;
  std::set<ActivityType> activities_ = {};
  bool recording_ = false;
};

}  // namespace

std::unique_ptr<Hook> make_hook(const ProfilerHook& params) {
  return std::make_unique<Profiling>(params);
}

}  // namespace pinfeed
