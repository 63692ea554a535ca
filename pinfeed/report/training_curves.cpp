// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/training_curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <utility>

#include "pinfeed/config/read_json.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::array<std::string_view, 4> positions = {"epoch", "iter", "step", "memory"};
constexpr std::array<std::string_view, 2> times = {"data_time", "time"};

template <class Names>
bool is_one_of(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

double number(const Value& value) {
  return value.is_int() ? static_cast<double>(value.integer()) : value.real();
}

bool is_number(const Value* value) {
  return value != nullptr && (value->is_int() || value->is_float());
}

bool is_metric(const std::string& name) { return name.find('/') != std::string::npos; }

// Metrics have no `iter`: they belong to the last iteration before them.
class Curves {
 public:
  void begin_run() { run_begins_ = true; }

  void add(const Dict& row) {
    const Value* iteration = row.find("iter");
    if (is_number(iteration)) go_to(number(*iteration));
    for (const Dict::Entry& entry : row.entries()) {
      const std::string& name = entry.key.text;
      // null: the number was not finite; the curve has a gap.
      if (!is_number(&entry.value) && !entry.value.is_none()) continue;
      if (is_one_of(positions, name)) continue;
      if (iteration == nullptr && is_one_of(times, name)) continue;
      const double y = entry.value.is_none() ? std::nan("") : number(entry.value);
      Series& series = by_name_[name];
      series.x.push_back(last_);
      series.y.push_back(is_metric(name) && y < 0.0 ? std::nan("") : y);
    }
  }

  std::vector<Series> done() && {
    std::vector<Series> found;
    for (auto& [name, series] : by_name_) {
      const bool has_value = std::any_of(series.y.begin(), series.y.end(),
                                         [](double value) { return std::isfinite(value); });
      if (!has_value) continue;
      series.name = name;
      found.push_back(std::move(series));
    }
    return found;
  }

 private:
  void go_to(double iteration) {
    last_ = iteration;
    if (!std::exchange(run_begins_, false)) return;
    for (auto& [name, series] : by_name_) {
      const auto first = std::lower_bound(series.x.begin(), series.x.end(), iteration);
      series.y.resize(static_cast<std::size_t>(first - series.x.begin()));
      series.x.resize(series.y.size());
    }
  }

  std::map<std::string, Series> by_name_;
  double last_ = 0.0;
  bool run_begins_ = false;
};

// The folders of runs have the time as their name.
std::vector<std::string> scalar_files(const std::string& work_dir) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(work_dir)) {
    const std::filesystem::path file = entry.path() / "vis_data" / "scalars.json";
    if (std::filesystem::is_regular_file(file)) files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A line that cannot be read, for example one that was cut when its process was killed, is left
// out: the curves show what there is.
void add_line(Curves& curves, const std::string& line, const std::string& path) {
  try {
    curves.add(read_json(std::make_shared<const SourceText>(SourceText{path, line})));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
  }
}

// The title of the chart that shows a curve; empty for a curve that is not shown.
std::string chart_of(const std::string& name) {
  if (is_one_of(times, name)) return "";
  if (is_metric(name)) {
    const std::size_t slash = name.find('/');
    std::string evaluator = name.substr(0, slash);
    const std::string metric = name.substr(slash + 1);
    if (metric.ends_with("_precision")) return evaluator + ": AP of each class";
    for (const std::string kind : {"bbox", "segm"}) {
      if (metric.starts_with(kind + "_")) return evaluator + ": " + kind;
    }
    return evaluator;
  }
  if (name.find("loss") != std::string::npos) return "Loss";
  if (name.ends_with("lr")) return "Learning rate";
  return name == "grad_norm" ? "Norm of the gradient" : name;
}

// Whether another curve of the chart has the same points: base_lr and lr often have.
bool is_repeated(const Series& curve, const PageChart& chart) {
  return std::any_of(chart.curves.begin(), chart.curves.end(), [&](const Series& other) {
    return curve.name == "lr" && other.name == "base_lr" && other.x == curve.x &&
           other.y == curve.y;
  });
}

// Losses first, then metrics, then the rest.
int rank(const PageChart& chart) {
  if (chart.title == "Loss") return 0;
  if (is_metric(chart.curves.front().name)) return 1;
  return chart.title == "Learning rate" ? 2 : 3;
}

}  // namespace

std::vector<Series> training_curves(const std::string& work_dir) {
  Curves curves;
  for (const std::string& path : scalar_files(work_dir)) {
    std::ifstream file(path);
    if (!file) throw Error(ErrorKind::system, "cannot read " + path + ": " + system_reason());
    curves.begin_run();
    for (std::string line; std::getline(file, line);) add_line(curves, line, path);
  }
  return std::move(curves).done();
}

std::vector<PageChart> training_charts(const std::vector<Series>& curves) {
  constexpr std::size_t distinct_colors = 16;
  std::map<std::string, PageChart> by_title;
  for (const Series& curve : curves) {
    const std::string title = chart_of(curve.name);
    if (title.empty()) continue;
    PageChart& chart = by_title[title];
    chart.title = title;
    chart.x_title = "iteration";
    if (is_repeated(curve, chart)) chart.curves.clear();
    chart.curves.push_back(curve);
  }
  std::vector<PageChart> charts;
  for (auto& [title, chart] : by_title) {
    chart.one_color = chart.curves.size() > distinct_colors;
    charts.push_back(std::move(chart));
  }
  std::stable_sort(charts.begin(), charts.end(),
                   [](const PageChart& a, const PageChart& b) { return rank(a) < rank(b); });
  return charts;
}

std::vector<PageChart> time_charts(const std::vector<Series>& curves) {
  PageChart chart{.title = "Seconds of an iteration", .x_title = "iteration"};
  for (const Series& curve : curves) {
    if (is_one_of(times, curve.name)) chart.curves.push_back(curve);
  }
  if (chart.curves.empty()) return {};
  return {std::move(chart)};
}

}  // namespace pinfeed
