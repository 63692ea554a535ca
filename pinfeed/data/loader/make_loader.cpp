// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 8.
#include "pinfeed/data/loader/make_loader.h"

#include <fmt/ranges.h>

#include <utility>

#include "pinfeed/config/schema.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/data/loader/pipeline_switches.h"
#include "pinfeed/data/loader/planner.h"
#include "pinfeed/image/cache/coefficient_cache.h"

namespace pinfeed {

namespace {

struct LoaderKeys {
  static constexpr auto name = "a data loader";
  Value dataset = {};
  Value sampler = {};
  Value batch_sampler = {};
  Value collate_fn = {};
  std::int64_t batch_size = 1;
  int num_workers = 0;
  bool persistent_workers = false;
  bool drop_last = false;
  std::optional<int> prefetch_factor = {};
  double timeout = 0.0;
  bool in_order = true;
  std::string pin_memory_device = {};
};

void check(const LoaderKeys& keys) {
  if (keys.persistent_workers && keys.num_workers == 0) {
    throw Error(ErrorKind::config, "persistent_workers needs num_workers above 0");
  }
  if (!keys.batch_sampler.is_none() && keys.drop_last) {
    throw Error(ErrorKind::config, "drop_last and batch_sampler exclude each other")
        .help("set drop_last in the batch_sampler");
  }
  if (keys.prefetch_factor && keys.num_workers == 0) {
    throw Error(ErrorKind::config, "prefetch_factor needs num_workers above 0");
  }
  if (!keys.in_order) {
    throw Error(ErrorKind::config, "in_order is False; batches are always in order");
  }
  if (!keys.pin_memory_device.empty()) {
    throw Error(ErrorKind::config, "pin_memory_device is '" + keys.pin_memory_device +
                                       "'; batches go to the device of the run")
        .help("remove it and use --device");
  }
}

void describe(Schema<LoaderKeys>& schema) {
  schema.summary("Makes batches from a data set.")
      .required("dataset", &LoaderKeys::dataset, "the data set")
      .required("sampler", &LoaderKeys::sampler,
                "the order of the samples; None: as the data set has them")
      .optional("batch_sampler", &LoaderKeys::batch_sampler,
                "how samples are grouped into batches; None: consecutive samples")
      .optional("collate_fn", &LoaderKeys::collate_fn, "how samples become a batch")
      .optional("batch_size", &LoaderKeys::batch_size, "samples per batch", between(1, 1'000'000))
      .optional(
          "num_workers", &LoaderKeys::num_workers,
          "number of random streams with replay='openmmlab', otherwise unused: pinfeed.threads "
          "sets the number of render threads, by default one per CPU that the process may use",
          between(0, 10'000))
      .optional("persistent_workers", &LoaderKeys::persistent_workers,
                "with replay: random streams continue over epochs")
      .optional("drop_last", &LoaderKeys::drop_last, "drop the last batch if it is not full")
      .accepted("prefetch_factor", &LoaderKeys::prefetch_factor,
                "pinfeed.prefetch sets how many batches are made ahead", at_least(1))
      .accepted("pin_memory", "pinned where there is a device")
      .accepted("disable_subprocess_warning", "there are no subprocesses")
      .accepted("timeout", &LoaderKeys::timeout, "there are no worker processes to wait for",
                at_least(0))
      .accepted("in_order", &LoaderKeys::in_order, "batches are always in order")
      .accepted("pin_memory_device", &LoaderKeys::pin_memory_device,
                "batches go to the device of the run")
      .accepted("multiprocessing_context", "there are no worker processes")
      .refused("generator", "set the sampler's seed and randomness.seed")
      .accepted("worker_init_fn", "there are no worker processes to initialise")
      .refused("num_batch_per_epoch", "set the data set's indices")
      .refused("shuffle", "set it in the sampler: dict(type='DefaultSampler', shuffle=True)")
      .check(check);
}

const Value& required_section(const Value& config, const std::string& section) {
  const Value* found = config.find(section);
  if (found != nullptr && !found->is_none()) return *found;
  throw Error(ErrorKind::config, "the config has no " + section);
}

// A worker_init_fn of the user replaces the seeding of OpenMMLab's workers
// (docs/specs/openmmlab-data.md, 3.6), so their random numbers are unknown.
void require_known_worker_seeds(const Value& loader, const std::string& section) {
  const Value* function = loader.find("worker_init_fn");
  if (function == nullptr || function->is_none()) return;
  const Value* type = function->find("type");
  if (type != nullptr && *type == Value("worker_init_fn")) return;
  throw Error(ErrorKind::config, "the random numbers of workers with worker_init_fn=" +
                                     repr(*function) + " cannot be replayed")
      .at(function->span())
      .inside(section)
      .help("remove it, or remove pinfeed.replay: without replay it has no effect");
}

// What a loader consists of.
struct LoaderParts {
  Dataset dataset;
  Sampler sampler;
  BatchSampler batch_sampler;
  Collate collate;
  std::vector<DatasetSwitch> switches;
};

// With None every rank reads all samples in order, as torch's data loader does.
Sampler make_sampler(const LoaderKeys& keys, const std::string& section,
                     const BuildContext& context) {
  if (!keys.sampler.is_none()) {
    return context.catalogs->samplers.make(keys.sampler, section + ".sampler", context);
  }
  if (!keys.batch_sampler.is_none()) {
    throw Error(ErrorKind::config, "sampler is None; a batch_sampler needs a sampler")
        .inside(section + ".sampler");
  }
  Dict in_order;
  in_order.set("type", "DefaultSampler");
  in_order.set("shuffle", false);
  BuildContext alone = context;
  alone.sampler.rank = 0;
  alone.sampler.world_size = 1;
  Sampler sampler = context.catalogs->samplers.make(in_order, section + ".sampler", alone);
  sampler.name = "sampler=None";
  sampler.strided = false;
  return sampler;
}

// Empty if the config has none.
BatchSampler make_batch_sampler(const LoaderKeys& keys, const Sampler& sampler,
                                const std::string& section, const BuildContext& context) {
  if (keys.batch_sampler.is_none()) return {};
  const std::string path = section + ".batch_sampler";
  BatchSampler batch_sampler =
      context.catalogs->batch_samplers.make(keys.batch_sampler, path, context);
  if (!sampler.endless || batch_sampler.begin) return batch_sampler;
  throw Error(ErrorKind::config,
              batch_sampler.name + " cannot make batches from the endless order of " + sampler.name)
      .at(keys.batch_sampler.span())
      .inside(path);
}

Collate make_collate(const LoaderKeys& keys, const std::string& section,
                     const BuildContext& context) {
  Dict pseudo_collate;
  pseudo_collate.set("type", "pseudo_collate");
  const Value value = keys.collate_fn.is_none() ? Value(pseudo_collate) : keys.collate_fn;
  return context.catalogs->collates.make(value, section + ".collate_fn", context);
}

LoaderParts make_parts(const Value& config, const std::string& section, const LoaderKeys& keys,
                       const Catalogs& catalogs, const LoaderOptions& options) {
  BuildContext context{.catalogs = &catalogs, .index = options.index};
  if (options.on_bad_sample != OnBadSample::raise) context.bad_records = BadRecords::keep;
  context.cache = image::open_cache(options.cache);
  Dataset dataset = catalogs.datasets.make(keys.dataset, section + ".dataset", context);
  const bool whole = options.whole_batches;
  context.sampler = {dataset.size,
                     whole ? 0 : options.rank,
                     whole ? 1 : options.world_size,
                     options.seed,
                     &dataset,
                     keys.batch_size,
                     options.replay,
                     keys.num_workers};
  Sampler sampler = make_sampler(keys, section, context);
  BatchSampler batch_sampler = make_batch_sampler(keys, sampler, section, context);
  Collate collate = make_collate(keys, section, context);
  std::vector<DatasetSwitch> switches;
  if (section == "train_dataloader") switches = pipeline_switches(config, dataset, context);
  return {std::move(dataset), std::move(sampler), std::move(batch_sampler), std::move(collate),
          std::move(switches)};
}

PlanRules plan_rules(const LoaderKeys& keys, const LoaderOptions& options) {
  return {.batch_size = keys.batch_size,
          .drop_last = keys.drop_last,
          .num_workers = keys.num_workers,
          .persistent_workers = keys.persistent_workers,
          .replay = options.replay,
          .on_bad_sample = options.on_bad_sample,
          .keep_steps = options.keep_steps,
          .seed = options.seed,
          .rank = options.whole_batches ? 0 : options.rank,
          .world_size = options.whole_batches ? 1 : options.world_size,
          .batch_step = options.whole_batches ? options.world_size : 1,
          .first_batch = options.whole_batches ? options.rank : 0};
}

LoaderLimits loader_limits(const LoaderOptions& options) {
  return {.threads = options.threads > 0 ? options.threads : usable_cores(),
          .io_threads = options.io_threads,
          .slots = options.prefetch + 1,
          .memory_budget = options.memory_budget,
          .pinning = options.pinning,
          .device = options.device,
          .trace = options.trace,
          .cache = image::open_cache(options.cache)};
}

// Why another number of ranks gives other batches (docs/config.md); empty if it gives
// the same.
std::string why_ranks_matter(const LoaderParts& parts, const PlanRules& rules) {
  std::vector<std::string> reasons;
  const std::int64_t batch = rules.batch_size * rules.world_size;
  if (parts.batch_sampler.make_batches) {
    reasons.push_back(parts.batch_sampler.name + " makes the batches of each rank separately");
  } else if (!parts.sampler.strided) {
    reasons.push_back(parts.sampler.name + " does not distribute one order over the ranks");
  } else if (!parts.sampler.endless && parts.dataset.size % batch != 0) {
    reasons.push_back(
        fmt::format("{} samples are not a multiple of {}", parts.dataset.size, batch));
  }
  if (parts.dataset.earlier_samples) {
    reasons.emplace_back("a cached step uses only the samples of its own rank");
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

void warn_if_ranks_matter(LoaderParts& parts, const PlanRules& rules) {
  if (rules.world_size == 1 || rules.replay) return;
  const std::string why = why_ranks_matter(parts, rules);
  if (why.empty()) return;
  parts.dataset.warnings.push_back("the batches depend on the number of ranks: " + why);
}

}  // namespace

PartDoc data_loader_doc() { return schema_of<LoaderKeys>().doc(); }

void check_data_loader(const Value& value, const std::string& path) {
  (void)schema_of<LoaderKeys>().parse(value, path);
}

Loader make_loader(const Value& config, const std::string& section, const Catalogs& catalogs,
                   const LoaderOptions& options) {
  const Value& written = required_section(config, section);
  const auto keys = schema_of<LoaderKeys>().parse(written, section);
  if (options.replay) require_known_worker_seeds(written, section);
  LoaderParts parts = make_parts(config, section, keys, catalogs, options);
  std::vector<std::string>& warnings = parts.dataset.warnings;
  warnings.insert(warnings.end(), options.warnings.begin(), options.warnings.end());
  const PlanRules rules = plan_rules(keys, options);
  if (section == "train_dataloader") warn_if_ranks_matter(parts, rules);
  auto planner = std::make_unique<Planner>(
      std::move(parts.dataset), std::move(parts.sampler), std::move(parts.collate), rules,
      std::move(parts.batch_sampler), std::move(parts.switches));
  Loader loader(std::move(planner), loader_limits(options));
  loader.write_bad_samples_to(options.bad_sample_ledger, options.max_bad_fraction);
  return loader;
}

}  // namespace pinfeed
