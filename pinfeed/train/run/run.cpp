// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "pinfeed/config/write_py.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/schedule/read_schedule.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/run_settings.h"
#include "pinfeed/schemas/runner_keys.h"
#include "pinfeed/schemas/validation_schema.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/input/make_feed.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/logging/report.h"
#include "pinfeed/train/logging/work_dir_lock.h"
#include "pinfeed/train/loop/coco_evaluator.h"
#include "pinfeed/train/loop/train_parts.h"
#include "pinfeed/train/loop/trainer.h"
#include "pinfeed/train/run/built_model.h"
#include "pinfeed/train/run/ranks_of_run.h"
#include "pinfeed/train/run/reconstruction_picture.h"
#include "pinfeed/train/run/resume_choice.h"
#include "pinfeed/train/run/run_page.h"
#include "pinfeed/train/run/run_report.h"
#include "pinfeed/train/run/start_of_ranks.h"
#include "pinfeed/train/run/trial.h"

namespace pinfeed {
namespace {

// The parts of one training, in the order in which they are built.
struct Run {
  Value config;
  std::int64_t seed = 0;
  LoaderOptions loader_options = {};
  torch::Device device = torch::kCPU;
  std::shared_ptr<ProcessGroup> group = {};  // null: one process
  std::vector<std::string> warnings = {};
  std::shared_ptr<Model> model = {};
  std::shared_ptr<Loader> loader = {};
  std::shared_ptr<CocoEvaluator> evaluator = {};
};

// cuBLAS reads the variable when it is used first; torch requires it for reproducible products.
void prepare_torch(std::int64_t seed, const RunSettings& settings) {
  torch::manual_seed(static_cast<std::uint64_t>(seed));
  if (settings.deterministic) {
    ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
    at::globalContext().setDeterministicAlgorithms(true, false);
  }
  at::globalContext().setBenchmarkCuDNN(settings.cudnn_benchmark && !settings.deterministic);
  at::globalContext().setAllowTF32CuBLAS(settings.tf32);
  at::globalContext().setAllowTF32CuDNN(settings.tf32);
}

void read_data(Run& run, const TrainArguments& arguments, const RunSettings& settings) {
  run.loader = std::make_shared<Loader>(
      make_loader(run.config, "train_dataloader", arguments.catalogs, run.loader_options));
  require_batches(*run.loader, run.config, "train_dataloader");
  check_class_counts(run.config, run.loader->dataset().metainfo, "train_dataloader");
  check_labels(run.config, run.loader->dataset());
  warn_if_unnormalized(run.config, "train_dataloader", settings.preprocessing,
                       run.loader->dataset().metainfo, run.warnings);
  if (settings.evaluators.empty()) return;
  run.evaluator =
      std::make_shared<CocoEvaluator>(run.config, "val", arguments.catalogs, run.loader_options,
                                      settings.preprocessing, run.device, run.group, run.warnings);
  check_metric_names(run.config, settings.hooks.find<CheckpointHook>(),
                     run.evaluator->metric_names());
  warn_of_other_labels(run.loader->dataset().metainfo, run.evaluator->dataset().metainfo,
                       run.warnings);
}

Run begin(const TrainArguments& arguments, const RunSettings& settings,
          std::shared_ptr<ProcessGroup> group, const std::optional<ResumePoint>& resumed) {
  Run run{.config = arguments.config.root,
          .device = device_of(arguments.device, arguments.ranks),
          .group = std::move(group)};
  run.loader_options = loader_options(run.config);
  run.seed = seed_of(arguments, run.loader_options.seed, resumed, run.warnings);
  run.loader_options.seed = static_cast<std::uint64_t>(run.seed);
  run.loader_options.device = slots_for(run.device);
  if (arguments.threads > 0) run.loader_options.threads = arguments.threads;
  if (const std::string warning = warning_of_route(run.device); !warning.empty())
    run.warnings.push_back(warning);
  set_ranks(run.loader_options, arguments.ranks, run.group.get());
  if (arguments.torch_threads > 0) at::set_num_threads(arguments.torch_threads);
  // The model comes first: reading the data may take minutes.
  prepare_torch(run.seed, settings);
  run.model = built_model(run.config, arguments.catalogs.models, run.device);
  in_turns(run.group.get(), arguments.ranks, [&] { read_data(run, arguments, settings); });
  require_same_batches(run.group.get(), run.loader->batches_per_epoch());
  return run;
}

Dict metadata(const Run& run, const TrainArguments& arguments) {
  List classes;
  for (const std::string& name : run.loader->dataset().metainfo.classes)
    classes.items.emplace_back(name);
  Dict all;
  all.set("config", arguments.config.path);
  all.set("cfg", write_py(run.config.dict()));
  all.set("seed", run.seed);
  all.set("batch_size", run.loader->batch_size() * run.loader_options.world_size);
  if (run.group) all.set("world_size", run.loader_options.world_size);
  all.set("images", static_cast<std::int64_t>(run.loader->dataset().size));
  all.set("classes", std::move(classes));
  return all;
}

TrainParts parts(Run& run, const RunSettings& settings, const TrainArguments& arguments) {
  const Preprocessing preprocessing =
      fitted(settings.preprocessing, run.loader->dataset().metainfo, run.warnings);
  const std::shared_ptr<Model> model = run.model;
  for (const std::string& warning : warnings_of_groups(settings.optimizer, *model))
    run.warnings.push_back(warning);
  std::unique_ptr<GradientReducer> reducer = connected(*model, run.group, settings.distributed);
  Optimizer optimizer =
      built_optimizer(run.config, settings.optimizer, *model, run.loader_options.world_size);
  MixedPrecision precision;
  if (settings.optimizer.precision) precision = {*settings.optimizer.precision, run.device};
  if (!precision.warning().empty()) run.warnings.push_back(precision.warning());
  const TrainLength length = train_length(settings.loop, run.loader->batches_per_epoch());
  Schedule schedule(read_schedulers(run.config, length), optimizer.values());
  return {.model = model,
          .optimizer = std::move(optimizer),
          .schedule = std::move(schedule),
          .feed = make_feed(run.loader, preprocessing, run.device),
          .evaluator = run.evaluator,
          .loop = settings.loop,
          .hooks = settings.hooks,
          .clip_grad = settings.optimizer.clip_grad,
          .accumulative_counts = settings.optimizer.accumulative_counts,
          .precision = std::move(precision),
          .group = run.group,
          .reducer = std::move(reducer),
          .metadata = metadata(run, arguments),
          .resume_command = arguments.resume_command,
          .vis_backends =
              arguments.ranks.rank == 0 ? vis_backends(run.config) : std::vector<std::string>(),
          .discard_on_stop = arguments.discard_on_stop,
          .show_progress = arguments.show_progress};
}

// Writes the merged config to the work dir. It can be read again.
void write_config(const TrainArguments& arguments, const RunLog& log) {
  const std::string text = write_py(arguments.config.root.dict());
  const std::string name = std::filesystem::path(arguments.config.path).stem().string() + ".py";
  for (const std::string& path : {log.work_dir() + "/" + name, log.folder() + "/config.py"}) {
    write_atomically(path, [&](FileWriter& writer) { writer.write(text); },
                     {.follow_links = false});
  }
}

void log_loaded(const LoadMessages& loaded, RunLog& log) {
  log.info(loaded.summary);
  for (const std::string& warning : loaded.warnings) log.warning(warning);
}

// "12 epochs of 200 iterations (2400 in all)".
std::string length_text(const TrainLoop& loop, std::int64_t batches) {
  if (!loop.by_epoch) {
    return fmt::format("{} iterations, {} for a pass over the data", loop.max_iters, batches);
  }
  return fmt::format("{} epoch{} of {} iteration{} ({} in all)", loop.max_epochs,
                     loop.max_epochs == 1 ? "" : "s", batches, batches == 1 ? "" : "s",
                     loop.max_epochs * batches);
}

void log_start(const Run& run, const Trainer& trainer, const TrainArguments& arguments,
               RunLog& log) {
  for (const std::string& warning : run.loader->dataset().warnings) log.warning(warning);
  for (const std::string& warning : run.warnings) log.warning(warning);
  for (const LoadMessages& loaded : trainer.parts().model->load_messages) log_loaded(loaded, log);
  std::int64_t numbers = 0;
  for (const torch::Tensor& param : trainer.parts().optimizer.params()) numbers += param.numel();
  log.info(fmt::format("{}, batch size {}, {} images, {} parameters, seed {}, on {}",
                       length_text(trainer.parts().loop, run.loader->batches_per_epoch()),
                       run.loader->batch_size(), run.loader->dataset().size, numbers, run.seed,
                       run.device.str()));
  if (run.group) log.info(text_of(arguments.ranks));
  log.info(fmt::format("threads: {} of torch, {} of the loader (--torch-threads, --threads)",
                       at::get_num_threads(), run.loader->threads()));
  if (!run.device.is_cuda()) return;
  log.info(fmt::format("float32 products have the precision of {} (pinfeed.tf32)",
                       at::globalContext().allowTF32CuBLAS() ? "TF32" : "float32"));
}

// Loads the state of the run that is resumed, or the weights of load_from.
void set_start(Trainer& trainer, std::optional<ResumePoint>& resumed, const RunSettings& settings,
               RunLog& log) {
  if (resumed) {
    trainer.resume(resumed->checkpoint, resumed->path);
    log.info(fmt::format("resumed from {}: epoch {}, iteration {}", resumed->path,
                         trainer.progress().epoch, trainer.progress().iteration));
    resumed.reset();
  } else if (settings.load_from) {
    log_loaded(load_named(*trainer.parts().model, *settings.load_from), log);
  }
}

// A training that fails leaves a page too, on the rank that writes. The other ranks do not wait for
// it.
void run_with_page(Trainer& trainer, EndedRun* ended, RunLog& log) try {
  trainer.run();
} catch (const Error& error) {
  if (const auto& group = trainer.parts().group) group->announce_failure(error.what());
  if (ended != nullptr) {
    ended->error = &error;
    report_page(*ended, log);
  }
  throw;
}

void train(const TrainArguments& arguments, const RunSettings& settings,
           const std::shared_ptr<ProcessGroup>& group, const std::vector<std::string>& warnings) {
  if (group) {
    const std::uint64_t seed = loader_options(arguments.config.root).seed;
    const std::int64_t chosen = arguments.seed.value_or(static_cast<std::int64_t>(seed));
    require_same_start(*group, {fmt::format("seed {}", chosen)}, arguments.config.root);
  }
  const bool first = arguments.ranks.rank == 0;
  const std::string work_dir = arguments.work_dir.value_or(settings.work_dir);
  std::optional<WorkDirLock> lock;
  if (first) {
    make_folder(work_dir);
    lock.emplace(work_dir);
  }
  RunLog log = open_log(work_dir, group.get(), arguments.print_line);
  for (const std::string& warning : warnings) log.warning(warning);
  if (first) write_config(arguments, log);
  std::optional<ResumePoint> resumed = resume_point(arguments, settings, group.get(), log);
  Run run = begin(arguments, settings, group, resumed);
  const auto warn = [&log](const std::string& text) { log.warning(text); };
  run.loader->warn_to(warn);
  if (run.evaluator) run.evaluator->warn_to(warn);
  Trainer trainer(parts(run, settings, arguments), make_hooks(settings.hooks), log);
  log_start(run, trainer, arguments, log);
  set_start(trainer, resumed, settings, log);
  EndedRun ended{arguments, trainer, *run.loader, run.evaluator.get(), run.seed, run.device.str()};
  run_with_page(trainer, first ? &ended : nullptr, log);
  if (!first) return;
  if (group) log.info(text_of(trainer.parts().reducer->times()));
  report_training(trainer, run.evaluator.get(), log);
  report_reconstructions(trainer.parts(), settings.preprocessing, run.loader->dataset().metainfo,
                         log);
  report_page(ended, log);
}

}  // namespace

void run_training(const TrainArguments& arguments) {
  std::vector<std::string> warnings;
  const RunSettings settings =
      read_run_settings(arguments.config.root, arguments.config.path, arguments.catalogs, warnings);
  const auto group = make_group(arguments.ranks, device_of(arguments.device, arguments.ranks),
                                settings.distributed.timeout);
  try {
    train(arguments, settings, group, warnings);
  } catch (const std::exception& error) {
    if (group) group->announce_failure(error.what());
    throw;
  }
}

TrialReport try_training(const TrainArguments& arguments, double seconds) {
  TrialReport report;
  const RunSettings settings = read_run_settings(arguments.config.root, arguments.config.path,
                                                 arguments.catalogs, report.warnings);
  Run run = begin(arguments, settings, nullptr, std::nullopt);
  TrainParts made = parts(run, settings, arguments);
  if (settings.load_from) {
    const LoadMessages loaded = load_named(*run.model, *settings.load_from);
    run.warnings.insert(run.warnings.end(), loaded.warnings.begin(), loaded.warnings.end());
  }
  report.warnings.insert(report.warnings.end(), run.warnings.begin(), run.warnings.end());
  report.device = run.device.str();
  report.torch_threads = at::get_num_threads();
  report.loader_threads = run.loader->threads();
  report.batches_per_epoch = run.loader->batches_per_epoch();
  report.iterations =
      made.loop.by_epoch ? made.loop.max_epochs * report.batches_per_epoch : made.loop.max_iters;
  measure_trial(made, seconds, report);
  report.loader_bytes = run.loader->slots().bytes;
  return report;
}

}  // namespace pinfeed
