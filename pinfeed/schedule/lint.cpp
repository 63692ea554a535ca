// SPDX-License-Identifier: Apache-2.0
// Source of the traps: docs/specs/openmmlab-runtime.md, 1.6, 1.10, 2.2, 2.3.
#include "pinfeed/schedule/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

// A scheduler of the config: what is written, and the stage it became.
struct Written {
  const Value* value = nullptr;
  std::string path = {};
  Stage stage = {};
  double unit = 1;  // iterations of a step

  double from() const { return stage.begin * unit; }
  double to() const { return stage.end * unit; }
  bool ends() const { return stage.end < Window::forever; }
  bool is(std::string_view family) const { return stage.type.starts_with(family); }
  std::optional<double> number(const std::string& key) const {
    const Value* found = stage.settings->keys.find(key);
    if (found == nullptr || found->is_none()) return std::nullopt;
    return found->is_int() ? static_cast<double>(found->integer()) : found->real();
  }
  bool converts() const {
    const Value* found = value->find("convert_to_iter_based");
    return found != nullptr && found->is_bool() && found->boolean();
  }
};

std::string count(double number) {
  return number == std::trunc(number) ? std::to_string(static_cast<std::int64_t>(number))
                                      : python_text(number);
}

std::string place_of(const Written& written) {
  const SourceSpan& span = written.value->span();
  if (!span.known()) return written.path + ": ";
  return written.path + " (" + span.source->name + ":" + std::to_string(span.line) + "): ";
}

std::vector<Written> written_schedulers(const Value& config, const TrainLength& length) {
  const Value* section = config.find("param_scheduler");
  std::vector<Written> all;
  if (section == nullptr || section->is_none() || warmup_hook(config).hook != nullptr) return all;
  const std::vector<Stage> stages = read_schedulers(config, length);
  const double epoch = length.by_epoch ? static_cast<double>(length.epoch_length.value_or(1))
                                       : static_cast<double>(iterations_of(length));
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const bool list = section->is_sequence();
    all.push_back({.value = list ? &section->items()[i] : section,
                   .path = list ? "param_scheduler[" + std::to_string(i) + "]" : "param_scheduler",
                   .stage = stages[i],
                   .unit = stages[i].by_epoch ? epoch : 1});
  }
  return all;
}

// The lowest value that is written as a number, which is the same for all groups.
std::optional<double> lowest(const Written& written) {
  if (!written.is("CosineAnnealing") && !written.is("CosineRestart") && !written.is("Poly")) {
    return std::nullopt;
  }
  if (written.number("eta_min_ratio")) return std::nullopt;
  return written.number("eta_min").value_or(0);
}

// The last step of a cosine is one before its lowest point, unless T_max says otherwise.
void note_unreached(const Written& written, std::vector<std::string>& lint) {
  if (!written.is("CosineAnnealing") || !written.ends()) return;
  const double steps = written.stage.end - written.stage.begin;
  const double given = written.number("T_max").value_or(0);
  const double T = given == 0 ? steps : given;
  if (steps - 1 >= T) return;
  const double left = (1 + std::cos(std::numbers::pi * (steps - 1) / T)) / 2;
  lint.push_back(place_of(written) + written.stage.type +
                 " never reaches its lowest value: T_max is " + count(T) + ", the last step is " +
                 count(steps - 1) + ", where " + fmt::format("{:.2g}", left * 100) +
                 " % of the way is left");
}

void note_rising(const Written& written, const std::vector<GroupValues>& groups,
                 std::vector<std::string>& lint) {
  const std::optional<double> low = lowest(written);
  if (!low) return;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::optional<double> value = value_of(groups[i], written.stage.parameter);
    if (!value || *value >= *low) continue;
    const std::string group = groups.size() > 1 ? " of group " + std::to_string(i) : "";
    lint.push_back(place_of(written) + "the " + name_of(written.stage.parameter) + group + ", " +
                   python_text(*value) + ", rises to eta_min=" + python_text(*low));
    return;
  }
}

void note_late_end(const Written& written, double total, std::vector<std::string>& lint) {
  if (!written.ends() || written.to() <= total) return;
  lint.push_back(place_of(written) + written.stage.type + " ends at iteration " +
                 count(written.to()) + ", the training at " + count(total));
}

void note_gaps(const std::vector<Written>& all, double total, std::vector<std::string>& lint) {
  for (const Written& written : all) {
    double covered = -1;  // the latest end of a stage that begins earlier
    for (const Written& other : all) {
      const bool before =
          other.stage.parameter == written.stage.parameter && other.from() < written.from();
      if (before) covered = std::max(covered, other.to());
    }
    if (covered < 0 || covered >= written.from() || written.from() >= total) continue;
    lint.push_back(place_of(written) + "nothing moves the " + name_of(written.stage.parameter) +
                   " from iteration " + count(covered) + " to " + count(written.from()) +
                   ", where " + written.stage.type + " begins");
  }
}

void note_unconverted(const std::vector<Written>& all, std::vector<std::string>& lint) {
  if (std::none_of(all.begin(), all.end(), [](const Written& w) { return w.converts(); })) return;
  for (const Written& written : all) {
    if (!written.stage.by_epoch || written.is("ReduceOnPlateau") || written.is("MultiStep"))
      continue;
    lint.push_back(place_of(written) + written.stage.type +
                   " moves once an epoch, while another moves at every iteration: "
                   "convert_to_iter_based=True is missing");
  }
}

}  // namespace

std::vector<std::string> lint_schedule(const Value& config, const TrainLength& length,
                                       const std::vector<GroupValues>& groups) {
  const double total = static_cast<double>(iterations_of(length));
  const std::vector<Written> all = written_schedulers(config, length);
  std::vector<std::string> lint;
  for (const Written& written : all) {
    note_unreached(written, lint);
    note_rising(written, groups, lint);
    note_late_end(written, total, lint);
  }
  note_gaps(all, total, lint);
  note_unconverted(all, lint);
  return lint;
}

}  // namespace pinfeed
