// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/page_json.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/json_text.h"
#include "pinfeed/plot/plot_axis.h"
#include "pinfeed/report/page_charts.h"

namespace pinfeed {
namespace {

constexpr int intervals = 499;  // and the last point
constexpr std::size_t most_points = 2000;

// The texts of a list, between brackets.
template <class Items, class Text>
std::string json_list(const Items& items, Text text) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "" : ",") + text(item);
  return "[" + list + "]";
}

std::string short_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.7g}", value) : "null";
}

std::string numbers_json(const std::vector<double>& numbers) {
  return json_list(numbers, short_number);
}

Series shortened_curve(const Series& curve) {
  if (curve.x.size() <= most_points) return curve;
  Extent x;
  for (const double value : curve.x) x.add(value);
  return thinned(curve, x.widened(), intervals);
}

std::string curve_json(const Series& series) {
  const Series curve = shortened_curve(series);
  return fmt::format("{{\"name\":{},\"x\":{},\"y\":{}}}", json_string(curve.name),
                     numbers_json(curve.x), numbers_json(curve.y));
}

std::string chart_json(const PageChart& chart) {
  return fmt::format(
      "{{\"title\":{},\"x_title\":{},\"fractions\":{},\"one_color\":{},\"curves\":{}}}",
      json_string(chart.title), json_string(chart.x_title), chart.fractions, chart.one_color,
      json_list(chart.curves, curve_json));
}

std::string class_json(const PageClass& one) {
  return fmt::format(
      "{{\"name\":{},\"ap\":{},\"ap50\":{},\"ap75\":{},\"objects\":{},\"detections\":{}}}",
      json_string(one.name), strict_json_number(one.ap), strict_json_number(one.ap50),
      strict_json_number(one.ap75), one.objects, one.detections);
}

std::string confusion_json(const PageConfusion& matrix) {
  const auto count = [](std::int64_t number) { return std::to_string(number); };
  return fmt::format("{{\"names\":{},\"counts\":{},\"iou\":{},\"score\":{}}}",
                     json_list(matrix.names, [](const auto& name) { return json_string(name); }),
                     json_list(matrix.counts, count), short_number(matrix.iou),
                     short_number(matrix.score));
}

std::string metric_json(const std::pair<std::string, double>& metric) {
  return json_string(metric.first) + ":" + strict_json_number(metric.second);
}

std::string evaluation_json(const PageEvaluation& evaluation) {
  std::string metrics = json_list(evaluation.metrics, metric_json);
  metrics.front() = '{';
  metrics.back() = '}';
  std::string json = "{\"metrics\":" + metrics;
  json += ",\"classes\":" + json_list(evaluation.classes, class_json);
  if (evaluation.confusion) json += ",\"confusion\":" + confusion_json(*evaluation.confusion);
  return json + "}";
}

std::string fact_json(const PageFact& fact) {
  return fmt::format("{{\"name\":{},\"value\":{},\"note\":{}}}", json_string(fact.name),
                     json_string(fact.value), json_string(fact.note));
}

// Inside of a script element, "</script" and "<!--" have a meaning; in JSON, '<' may be escaped.
std::string for_script(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

}  // namespace

std::string page_json(const ReportPage& page) {
  std::string json = "{\"title\":" + json_string(page.title);
  json += ",\"outcome\":" + json_string(page.outcome);
  json += fmt::format(",\"complete\":{}", page.complete);
  json += ",\"highlights\":" + json_list(page.highlights, fact_json);
  json += ",\"charts\":" +
          json_list(charts_of(page), [](const PageChart* chart) { return chart_json(*chart); });
  if (page.evaluation) json += ",\"evaluation\":" + evaluation_json(*page.evaluation);
  if (page.loader) {
    const LoaderUse& use = page.loader->use;
    json += fmt::format(
        ",\"loader\":{{\"seconds\":{},\"waited\":{},\"images_per_second\":{},\"verdict\":{}}}",
        strict_json_number(use.seconds), strict_json_number(use.waited),
        page.loader->images_per_second ? strict_json_number(*page.loader->images_per_second)
                                       : "null",
        json_string(verdict(use, "the training")));
  }
  json += ",\"environment\":" + json_list(page.environment, fact_json);
  return for_script(json + "}");
}

}  // namespace pinfeed
