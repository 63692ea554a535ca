// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/run_page.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "pinfeed/config/write_py.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/text.h"
#include "pinfeed/core/version.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/report/evaluation_report.h"
#include "pinfeed/report/html_text.h"
#include "pinfeed/report/page_html.h"
#include "pinfeed/report/picture_bytes.h"
#include "pinfeed/report/sample_pictures.h"
#include "pinfeed/report/training_curves.h"

namespace pinfeed {
namespace {

constexpr std::size_t drawn_samples = 24;

// Runs `make`. A section that fails is left out.
template <class Make>
void add_section(ReportPage& page, const std::string& name, Make make) {
  try {
    make();
  } catch (const Error& error) {
    page.missing.push_back(name + " cannot be shown: " + error.text());
  } catch (const std::exception& error) {
    page.missing.push_back(name + " cannot be shown: " + std::string(error.what()));
  }
}

std::string name_of_config(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

PageEvaluation evaluation_of(const CocoEvaluator& evaluator) {
  const Dataset dataset = evaluator.dataset();
  const std::vector<CocoDetection> detections = evaluator.detections();
  const std::shared_ptr<const CocoFile> truth = evaluator.truth();
  return evaluation_report({.truth = *truth,
                            .detections = detections,
                            .dataset = dataset,
                            .metrics = *evaluator.metrics()});
}

std::string outcome_of(const EndedRun& run) {
  const Progress& now = run.trainer.progress();
  const TrainLoop& loop = run.trainer.parts().loop;
  const MessageHub& hub = run.trainer.message_hub();
  std::string done = grouped(now.iteration) + " iterations";
  if (loop.by_epoch) {
    done = fmt::format("{} of {} epochs, {}", grouped(now.epoch), grouped(loop.max_epochs), done);
  } else {
    done = fmt::format("{} of {} iterations", grouped(now.iteration), grouped(loop.max_iters));
  }
  if (hub.first_iteration > 0)
    done +=
        fmt::format(", of which {} after a resume", grouped(now.iteration - hub.first_iteration));
  done += fmt::format(", {} of training on {}", duration_text(hub.seconds), run.device);
  return run.error == nullptr ? "Finished: " + done
                              : "Ended early: " + run.error->text() + "; " + done;
}

// The last value; of a metric also the best, of the loss the first.
PageFact fact_of(const Series& curve, bool loss) {
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    if (std::isfinite(curve.y[i])) known.push_back(i);
  }
  const double last = curve.y[known.back()];
  if (loss) {
    return {curve.name, fmt::format("{:.4g}", last),
            fmt::format("{:.4g} at first", curve.y[known.front()])};
  }
  const std::size_t best =
      *std::max_element(known.begin(), known.end(),
                        [&](std::size_t a, std::size_t b) { return curve.y[a] < curve.y[b]; });
  return {curve.name, fmt::format("{:.3f}", last),
          fmt::format("best {:.3f} at iteration {}", curve.y[best],
                      grouped(static_cast<std::int64_t>(curve.x[best])))};
}

std::int64_t global_batch_size(const EndedRun& run) {
  return run.loader.batch_size() * run.arguments.ranks.world_size;
}

// That all ranks have trained with per second; empty before the first iteration has ended.
std::optional<double> images_per_second(const EndedRun& run) {
  const MessageHub& hub = run.trainer.message_hub();
  if (hub.seconds <= 0.0) return {};
  const std::int64_t iterations = run.trainer.progress().iteration - hub.first_iteration;
  return static_cast<double>(iterations * global_batch_size(run)) / hub.seconds;
}

void add_speed(const EndedRun& run, ReportPage& page) {
  const std::optional<double> speed = images_per_second(run);
  if (!speed) return;
  const MessageHub& hub = run.trainer.message_hub();
  page.highlights.push_back({"throughput", fmt::format("{:.1f}", *speed), "images/s"});
  page.highlights.push_back({"waiting for data",
                             fmt::format("{:.1f} %", 100 * hub.waited / hub.seconds),
                             "of the training time"});
}

// The first two metrics of the evaluators, the loss, and the speed.
void add_highlights(const EndedRun& run, const std::vector<Series>& curves, ReportPage& page) {
  std::vector<std::string> names;
  if (run.evaluator != nullptr && run.evaluator->metrics())
    names = names_of(*run.evaluator->metrics());
  names.resize(std::min<std::size_t>(names.size(), 2));
  names.emplace_back("loss");
  for (const std::string& name : names) {
    const auto curve = std::find_if(curves.begin(), curves.end(),
                                    [&](const Series& one) { return one.name == name; });
    if (curve != curves.end()) page.highlights.push_back(fact_of(*curve, name == "loss"));
  }
  add_speed(run, page);
}

PageLoader loader_of(const EndedRun& run, const std::vector<Series>& curves) {
  const MessageHub& hub = run.trainer.message_hub();
  PageLoader loader{.use = {.seconds = hub.seconds,
                            .waited = hub.waited,
                            .threads = run.loader.threads(),
                            .io_threads = run.loader.io_threads(),
                            .stages = run.loader.stages()},
                    .times = time_charts(curves)};
  loader.images_per_second = images_per_second(run);
  return loader;
}

std::vector<PageFact> versions(const std::string& device) {
  return {{"pinfeed", headers_version},
          {"torch", TORCH_VERSION},
          {"device", device},
          {"threads of torch", std::to_string(at::get_num_threads())}};
}

std::vector<PageFact> environment_of(const EndedRun& run, const RunLog& log) {
  std::vector<PageFact> facts = versions(run.device);
  std::int64_t numbers = 0;
  for (const torch::Tensor& param : run.trainer.parts().optimizer.params())
    numbers += param.numel();
  facts.push_back({"threads of the loader", std::to_string(run.loader.threads())});
  facts.push_back({"seed", std::to_string(run.seed)});
  facts.push_back({"parameters", grouped(numbers)});
  facts.push_back({"training images", grouped(run.loader.dataset().size)});
  const int ranks = run.arguments.ranks.world_size;
  facts.push_back({"batch size", std::to_string(global_batch_size(run)),
                   ranks == 1 ? "" : fmt::format("of {} ranks", ranks)});
  facts.push_back({"command", run.arguments.command});
  facts.push_back({"config", run.arguments.config.path});
  facts.push_back({"work dir", log.work_dir()});
  facts.push_back({"run", log.run(), "the time of its start"});
  facts.push_back({"this page", time_text("%Y-%m-%d %H:%M:%S %z")});
  return facts;
}

PagePicture reconstructions_in(const std::string& path) {
  constexpr int longest_side = 1600;
  const Buffer bytes = read_bytes(path, ErrorKind::data);
  const image::Image picture = image::decode({bytes.data(), bytes.size}, path);
  return {.size = picture.size(), .jpeg = small_jpeg(picture, longest_side)};
}

void add_pictures(const EndedRun& run, const RunLog& log, ReportPage& page) {
  if (run.evaluator != nullptr && run.evaluator->finished()) {
    add_section(page, "The evaluation", [&] { page.evaluation = evaluation_of(*run.evaluator); });
  }
  if (run.error == nullptr && run.trainer.parts().model->has_pictures()) {
    add_section(page, "The reconstructions", [&] {
      page.reconstructions = reconstructions_in(log.work_dir() + "/reconstructions.png");
    });
  }
  add_section(page, "The samples", [&] {
    run.trainer.parts().feed->seek({0, 0});  // it may have a batch of its own
    page.samples = sample_pictures(run.loader, drawn_samples);
    page.sample_classes = label_names(run.loader.dataset().metainfo);
  });
}

ReportPage page_of(const EndedRun& run, const RunLog& log) {
  ReportPage page{.title = name_of_config(run.arguments.config.path),
                  .outcome = outcome_of(run),
                  .complete = run.error == nullptr,
                  .config = write_py(run.arguments.config.root.dict()),
                  .environment = environment_of(run, log)};
  add_section(page, "The curves", [&] {
    const std::vector<Series> curves = training_curves(log.work_dir());
    page.curves = training_charts(curves);
    add_highlights(run, curves, page);
    page.loader = loader_of(run, curves);
  });
  const bool stopped = run.error != nullptr && run.error->kind() == ErrorKind::interrupted;
  if (!stopped) add_pictures(run, log, page);
  return page;
}

}  // namespace

void report_page(const EndedRun& run, RunLog& log) {
  const std::string path = log.work_dir() + "/" + log.run() + "/report.html";
  constexpr auto not_written = "the page of the run is not written: ";
  try {
    write_page(page_of(run, log), path);
    log.info("the page of this run: " + path);
  } catch (const Error& error) {
    log.warning(not_written + error.text());
  } catch (const std::exception& error) {
    log.warning(not_written + std::string(error.what()));
  }
}

ReportPage evaluation_page(const EvalArguments& arguments, const CocoEvaluator& evaluator,
                           const std::string& device) {
  ReportPage page{.title = name_of_config(arguments.config.path),
                  .outcome = "Evaluation of " + arguments.checkpoint,
                  .evaluation = evaluation_of(evaluator),
                  .config = write_py(arguments.config.root.dict()),
                  .environment = versions(device)};
  const auto& metrics = page.evaluation->metrics;
  for (std::size_t i = 0; i < std::min<std::size_t>(metrics.size(), 4); ++i)
    page.highlights.push_back({metrics[i].first, decimal_text(metrics[i].second), ""});
  page.environment.push_back({"command", arguments.command});
  page.environment.push_back({"checkpoint", arguments.checkpoint});
  page.environment.push_back({"this page", time_text("%Y-%m-%d %H:%M:%S %z")});
  return page;
}

}  // namespace pinfeed
