// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/page_tables.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numeric>

#include "pinfeed/report/html_text.h"

namespace pinfeed {
namespace {

// A cell with a bar behind the number, which is 0 to 1.
std::string bar_cell(double value) {
  if (!std::isfinite(value)) return "<td class=\"bar\" data-value=\"-1\">\u2013</td>";
  return fmt::format("<td class=\"bar\" data-value=\"{0:.6f}\" style=\"--v:{0:.3f}\">{0:.3f}</td>",
                     value);
}

std::string count_cell(std::int64_t count) {
  return fmt::format("<td data-value=\"{}\">{}</td>", count, grouped(count));
}

std::string class_row(const PageClass& one) {
  return fmt::format("<tr><th scope=\"row\" data-value=\"{0}\">{0}</th>{1}{2}{3}{4}{5}</tr>\n",
                     html_text(one.name), bar_cell(one.ap), bar_cell(one.ap50), bar_cell(one.ap75),
                     count_cell(one.objects), count_cell(one.detections));
}

std::string matrix_cell(const PageConfusion& matrix, std::size_t row, std::size_t column,
                        std::int64_t sum) {
  const std::size_t side = matrix.names.size() + 1;
  const std::int64_t count = matrix.counts[row * side + column];
  if (row + 1 == side && column + 1 == side) return "<td></td>";
  if (count == 0) return "<td class=\"zero\">0</td>";
  const double part = static_cast<double>(count) / static_cast<double>(sum);
  return fmt::format(
      "<td class=\"{}{}\" style=\"--v:{:.2f}\" title=\"{:.0f} % of the row\">{}</td>",
      row == column ? "right" : "", part > 0.55 ? " strong" : "", part, 100 * part, grouped(count));
}

std::string matrix_row(const PageConfusion& matrix, std::size_t row, const std::string& name) {
  const std::size_t side = matrix.names.size() + 1;
  const auto first = matrix.counts.begin() + static_cast<std::ptrdiff_t>(row * side);
  const std::int64_t sum =
      std::accumulate(first, first + static_cast<std::ptrdiff_t>(side), std::int64_t{0});
  std::string text = "<tr><th scope=\"row\">" + name + "</th>";
  for (std::size_t column = 0; column < side; ++column)
    text += matrix_cell(matrix, row, column, sum);
  return text + "</tr>\n";
}

std::string matrix_note(const PageConfusion& matrix) {
  std::string note = fmt::format(
      "Rows are the ground truth, columns what was detected with a score of at least {:g} and an "
      "IoU of at least {:g}. The shade is the part of the row.",
      matrix.score, matrix.iou);
  if (matrix.names.size() < matrix.classes) {
    note += fmt::format(
        " The {} of {} classes that are confused most are shown; their errors with other classes "
        "are left out.",
        matrix.names.size(), matrix.classes);
  }
  return "<p class=\"note\">" + note + "</p>\n";
}

}  // namespace

std::string facts_html(const std::vector<PageFact>& facts) {
  std::string text = "<dl class=\"facts\">\n";
  for (const PageFact& fact : facts) {
    const std::string note =
        fact.note.empty() ? "" : " <small>" + html_text(fact.note) + "</small>";
    text += "<div><dt>" + html_text(fact.name) + "</dt><dd>" + html_text(fact.value) + note +
            "</dd></div>\n";
  }
  return text + "</dl>\n";
}

std::string metrics_html(const PageEvaluation& evaluation) {
  if (evaluation.metrics.empty()) return "";
  std::string rows;
  for (const auto& [name, value] : evaluation.metrics) {
    const bool nothing = value < 0.0;  // -1: there is nothing to measure
    rows += fmt::format("<tr><th scope=\"row\">{}</th>{}</tr>\n", html_text(name),
                        bar_cell(nothing ? std::nan("") : value));
  }
  return "<div class=\"scroll\"><table class=\"metrics\">\n<thead><tr><th "
         "scope=\"col\">metric</th><th scope=\"col\">value</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string classes_html(const std::vector<PageClass>& classes) {
  constexpr std::array titles = {"class", "AP", "AP 50", "AP 75", "objects", "detections"};
  std::string text = "<div class=\"scroll\"><table class=\"classes sortable\">\n<thead><tr>";
  for (const char* title : titles)
    text += fmt::format("<th scope=\"col\"><button type=\"button\">{}</button></th>", title);
  text += "</tr></thead>\n<tbody>\n";
  for (const PageClass& one : classes) text += class_row(one);
  return text + "</tbody></table></div>\n";
}

std::string confusion_html(const PageConfusion& matrix) {
  constexpr auto background = "<i>background</i>";
  std::string head = "<th></th>";
  for (const std::string& name : matrix.names)
    head += "<th scope=\"col\"><span>" + html_text(name) + "</span></th>";
  head += fmt::format("<th scope=\"col\"><span>{}</span></th>", background);
  std::string rows;
  for (std::size_t row = 0; row < matrix.names.size(); ++row)
    rows += matrix_row(matrix, row, html_text(matrix.names[row]));
  rows += matrix_row(matrix, matrix.names.size(), background);
  return matrix_note(matrix) +
         fmt::format("<div class=\"scroll\"><table class=\"confusion{}\">\n<thead><tr>",
                     matrix.names.size() > 6 ? " many" : "") +
         head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string stages_html(const LoaderUse& use) {
  struct Row {
    const char* stage;
    const char* meaning;
    bool part;  // of rendering: it waits for nothing
  };
  constexpr std::array<Row, 7> rows = {{{"plan", "plan", false},
                                        {"read", "read files", false},
                                        {"render", "render", false},
                                        {"decode", "decode", true},
                                        {"resample", "resample", true},
                                        {"colour", "colour", true},
                                        {"write", "write", true}}};
  std::string text =
      "<div class=\"scroll\"><table class=\"stages\">\n<thead><tr><th scope=\"col\">stage, all "
      "threads</th><th scope=\"col\">busy, s</th><th scope=\"col\">waiting, s</th></tr></thead>\n"
      "<tbody>\n";
  for (const Row& row : rows) {
    const auto times = use.stages.find(row.stage);
    if (times == use.stages.end()) continue;
    const std::string waiting =
        row.part ? "\u2013" : fmt::format("{:.2f}", times->second.wait_seconds);
    text += fmt::format("<tr><th scope=\"row\"{}>{}</th><td>{:.2f}</td><td>{}</td></tr>\n",
                        row.part ? " class=\"part\"" : "", row.meaning, times->second.busy_seconds,
                        waiting);
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace pinfeed
