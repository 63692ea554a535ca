// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/page_html.h"

#include <fmt/format.h>

#include "pinfeed/core/file.h"
#include "pinfeed/report/html_text.h"
#include "pinfeed/report/page_assets.h"
#include "pinfeed/report/page_json.h"
#include "pinfeed/report/page_pictures.h"
#include "pinfeed/report/page_tables.h"

namespace pinfeed {
namespace {

constexpr std::size_t most_picture_bytes = 4'500'000;

// Collects the sections and their links.
class Sections {
 public:
  void add(const std::string& id, const std::string& title, const std::string& content) {
    if (content.empty()) return;
    links_ += fmt::format("<a href=\"#{}\">{}</a>", id, title);
    text_ += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, content);
  }
  std::string text() const { return "<nav>" + links_ + "</nav>\n<main>\n" + text_ + "</main>\n"; }

 private:
  std::string links_ = {};
  std::string text_ = {};
};

// Places for charts, which the script draws; `next` is the position of the first in the JSON.
std::string charts_html(const std::vector<PageChart>& charts, std::size_t& next) {
  if (charts.empty()) return "";
  std::string text;
  for (const PageChart& chart : charts) {
    text += fmt::format(
        "<figure class=\"chart\" data-chart=\"{}\"><figcaption>{}</figcaption></figure>\n", next++,
        html_text(chart.title));
  }
  return "<div class=\"charts\">\n" + text + "</div>\n";
}

std::string highlights_html(const ReportPage& page) {
  std::string text;
  for (const PageFact& fact : page.highlights) {
    text += "<li><span>" + html_text(fact.name) + "</span><b>" + html_text(fact.value) +
            "</b><small>" + html_text(fact.note) + "</small></li>\n";
  }
  return text.empty() ? "" : "<ul class=\"highlights\">\n" + text + "</ul>\n";
}

std::string header_html(const ReportPage& page) {
  std::string text = "<header>\n<p class=\"kind\">pinfeed</p>\n<h1>" + html_text(page.title) +
                     fmt::format("</h1>\n<p class=\"outcome{}\">", page.complete ? "" : " failed") +
                     html_text(page.outcome) + "</p>\n" + highlights_html(page) + "</header>\n";
  for (const std::string& missing : page.missing)
    text += "<p class=\"missing\">" + html_text(missing) + "</p>\n";
  return text;
}

std::string evaluation_html(const PageEvaluation& evaluation, std::size_t& next_chart) {
  std::string text;
  if (!evaluation.note.empty())
    text += "<p class=\"note\">" + html_text(evaluation.note) + "</p>\n";
  text += metrics_html(evaluation);
  if (!evaluation.precision.empty()) {
    text += "<h3>Precision and recall</h3>\n" + charts_html(evaluation.precision, next_chart);
  }
  if (!evaluation.classes.empty()) text += "<h3>Classes</h3>\n" + classes_html(evaluation.classes);
  if (evaluation.confusion)
    text += "<h3>Confusion matrix</h3>\n" + confusion_html(*evaluation.confusion);
  return text;
}

std::string predictions_html(const PageEvaluation& evaluation, PictureWriter& pictures) {
  if (evaluation.pictures.empty()) return "";
  return fmt::format(
             "<p class=\"note\">Ground truth on the left, predictions on the right: {} of {} "
             "images, those with most errors first. A click enlarges.</p>\n",
             evaluation.pictures.size(), grouped(evaluation.images)) +
         comparison_legend() + pictures.grid(evaluation.pictures);
}

std::string samples_html(const ReportPage& page, PictureWriter& pictures) {
  if (page.samples.empty()) return "";
  return "<p class=\"note\">The first batches, as the loader gives them to the model.</p>\n" +
         class_legend(page.sample_classes) + pictures.grid(page.samples);
}

std::string reconstructions_html(const ReportPage& page, PictureWriter& pictures) {
  if (!page.reconstructions) return "";
  return "<p class=\"note\">Images, their visible patches, and what the model makes of them.</p>\n"
         "<div class=\"wide\">" +
         pictures.grid({*page.reconstructions}) + "</div>\n";
}

// Empty before the first iteration has ended.
std::string speed_text(const PageLoader& loader) {
  if (!loader.images_per_second) return "";
  const LoaderUse& use = loader.use;
  return fmt::format(
      "{:.1f} images/s; of {:.1f} s of training, {:.1f} s ({:.1f} %) were spent waiting for data "
      "(data_time). ",
      *loader.images_per_second, use.seconds, use.waited, 100 * use.waited / use.seconds);
}

std::string loader_html(const ReportPage& page, std::size_t& next_chart) {
  if (!page.loader) return "";
  const LoaderUse& use = page.loader->use;
  return "<p class=\"verdict\">" + html_text(verdict(use, "the training")) + "</p>\n" +
         fmt::format("<p class=\"note\">{}{} render thread{}, {} for files.</p>\n",
                     speed_text(*page.loader), use.threads, use.threads == 1 ? "" : "s",
                     use.io_threads) +
         charts_html(page.loader->times, next_chart) + stages_html(use);
}

std::string config_html(const ReportPage& page) {
  if (page.config.empty()) return "";
  return "<details><summary>The whole config, with everything it inherits</summary>\n<pre><code>" +
         html_text(page.config) + "</code></pre></details>\n";
}

Sections sections_of(const ReportPage& page) {
  Sections sections;
  PictureWriter pictures(most_picture_bytes);
  std::size_t chart = 0;
  sections.add("curves", "Curves", charts_html(page.curves, chart));
  if (page.evaluation) {
    sections.add("evaluation", "Evaluation", evaluation_html(*page.evaluation, chart));
    sections.add("predictions", "Predictions", predictions_html(*page.evaluation, pictures));
  }
  sections.add("reconstructions", "Reconstructions", reconstructions_html(page, pictures));
  sections.add("samples", "Samples as trained", samples_html(page, pictures));
  sections.add("loader", "Loader", loader_html(page, chart));
  sections.add("config", "Config", config_html(page));
  sections.add("versions", "Versions",
               page.environment.empty() ? "" : facts_html(page.environment));
  return sections;
}

}  // namespace

std::string html_of(const ReportPage& page) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      html_text(page.title) + " \u2013 pinfeed</title>\n<style>\n";
  text += page_style;
  text += "</style>\n</head>\n<body>\n" + header_html(page);
  text += "<noscript><p class=\"missing\">The charts need JavaScript.</p></noscript>\n";
  text += sections_of(page).text();
  text += "<dialog id=\"enlarged\"></dialog>\n<script type=\"application/json\" id=\"data\">" +
          page_json(page) + "</script>\n<script>\n";
  text += page_script;
  return text + "</script>\n</body>\n</html>\n";
}

void write_page(const ReportPage& page, const std::string& path) {
  const std::string html = html_of(page);
  write_atomically(path, [&](FileWriter& writer) { writer.write(html); },
                   {.follow_links = false, .durable = false});
}

}  // namespace pinfeed
