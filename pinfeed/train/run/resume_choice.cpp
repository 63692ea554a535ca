// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/resume_choice.h"

#include <fmt/format.h>

#include "pinfeed/train/checkpoint/checkpoint.h"

namespace pinfeed {
namespace {

ResumePoint read_point(const std::string& path) { return {path, read_checkpoint(path)}; }

std::optional<ResumePoint> chosen_point(const TrainArguments& arguments,
                                        const RunSettings& settings, RunLog& log) {
  const bool again = arguments.ranks.restart_count > 0;
  if (!arguments.checkpoint && !arguments.resume && !settings.resume && !again) return {};
  const bool of_config = !arguments.checkpoint && !arguments.resume && !again && settings.load_from;
  if (of_config) return read_point(settings.load_from->text);
  std::optional<ResumePoint> point;
  // After a restart the newest checkpoint is a later one of the run that --resume began.
  if (again || !arguments.checkpoint)
    point =
        newest_resume_point(log.work_dir(), [&](const std::string& text) { log.warning(text); });
  if (!point && arguments.checkpoint) point = read_point(*arguments.checkpoint);
  if (!point) log.info("nothing to resume in " + log.work_dir() + ": training starts anew");
  if (point && settings.load_from) {
    log.warning("load_from='" + settings.load_from->text +
                "' is ignored: the weights are those of " + point->path);
  }
  return point;
}

}  // namespace

std::optional<ResumePoint> resume_point(const TrainArguments& arguments,
                                        const RunSettings& settings, ProcessGroup* group,
                                        RunLog& log) {
  if (group == nullptr) return chosen_point(arguments, settings, log);
  std::optional<ResumePoint> point;
  if (group->is_first()) point = chosen_point(arguments, settings, log);
  const std::string path = group->broadcast(point ? point->path : std::string());
  if (!group->is_first() && !path.empty()) point = read_point(path);
  return point;
}

std::int64_t seed_of(const TrainArguments& arguments, std::uint64_t of_config,
                     const std::optional<ResumePoint>& resumed,
                     std::vector<std::string>& warnings) {
  const std::int64_t wanted = arguments.seed.value_or(static_cast<std::int64_t>(of_config));
  if (!resumed) return wanted;
  const Value* stored = resumed->checkpoint.state.find("seed");
  if (stored == nullptr || !stored->is_int() || stored->integer() == wanted) return wanted;
  warnings.push_back(
      fmt::format("the seed {} of {} is used; the seed {} of the config or command line is ignored",
                  stored->integer(), resumed->path, wanted));
  return stored->integer();
}

}  // namespace pinfeed
