// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/runner/runner.py (specs runtime 2.2).
#include "pinfeed/schedule/read.h"

#include "pinfeed/config/convert.h"

namespace pinfeed {
namespace {

Error length_unknown(const std::string& who) {
  return Error(ErrorKind::config,
               who + " needs the number of batches of an epoch, which is not known")
      .help("give --epoch-length N");
}

double default_end(const Value& scheduler, const std::string& path, const TrainLength& length) {
  const Value* by_epoch = scheduler.find("by_epoch");
  if (by_epoch == nullptr || convert<bool>(*by_epoch, path + ".by_epoch")) {
    return static_cast<double>(length.by_epoch ? length.max_epochs : 1);
  }
  return static_cast<double>(iterations_of(length));
}

Stage read_scheduler(const Value& written, const std::string& path, const TrainLength& length,
                     const SchedulerCatalog& catalog) try {
  type_of(written, path);
  Value scheduler = written;
  if (scheduler.find("end") == nullptr) {
    scheduler.dict().set("end", default_end(scheduler, path, length));
  }
  return catalog.make(scheduler, path, length);
} catch (Error& error) {
  throw error.at(written.place()).inside(path);
}

}  // namespace

std::int64_t iterations_of(const TrainLength& length) {
  if (length.max_iters) return *length.max_iters;
  if (!length.epoch_length) throw length_unknown("the schedule");
  return length.max_epochs * *length.epoch_length;
}

std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length) {
  return read_schedulers(config, length, builtin_schedulers());
}

std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length,
                                   const SchedulerCatalog& catalog) {
  std::vector<Stage> stages;
  const Value* written = config.find("param_scheduler");
  if (written == nullptr || written->is_none()) return stages;
  if (!written->is_sequence())
    return {read_scheduler(*written, "param_scheduler", length, catalog)};
  for (const Value& item : written->items()) {
    const std::string path = "param_scheduler[" + std::to_string(stages.size()) + "]";
    stages.push_back(read_scheduler(item, path, length, catalog));
  }
  return stages;
}

}  // namespace pinfeed
