// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 8; house 10 for `pinfeed = dict(...)`.
#include <fmt/ranges.h>

#include <thread>

#include "pinfeed/config/enum_names.h"
#include "pinfeed/config/schema.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/data/loader/pipeline_switches.h"

namespace pinfeed {

template <>
struct EnumNames<OnBadSample> {
  static constexpr std::array<std::pair<std::string_view, OnBadSample>, 3> all = {
      {{"raise", OnBadSample::raise},
       {"skip", OnBadSample::skip},
       {"refetch", OnBadSample::refetch}}};
};

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
        .help("say drop_last in the batch_sampler");
  }
  if (keys.prefetch_factor && keys.num_workers == 0) {
    throw Error(ErrorKind::config, "prefetch_factor needs num_workers above 0");
  }
  if (!keys.in_order) {
    throw Error(ErrorKind::config, "in_order is False; batches always come in their order");
  }
  if (!keys.pin_memory_device.empty()) {
    throw Error(ErrorKind::config, "pin_memory_device is '" + keys.pin_memory_device +
                                       "'; batches go to the device of the run")
        .help("leave it out, and use --device");
  }
}

void describe(Schema<LoaderKeys>& schema) {
  schema.summary("Batches out of a data set.")
      .required("dataset", &LoaderKeys::dataset, "the data set")
      .required("sampler", &LoaderKeys::sampler, "the order of the samples")
      .optional("batch_sampler", &LoaderKeys::batch_sampler,
                "how the order is cut into batches; None: consecutive samples")
      .optional("collate_fn", &LoaderKeys::collate_fn, "how samples become a batch")
      .optional("batch_size", &LoaderKeys::batch_size, "samples per batch", at_least(1))
      .optional(
          "num_workers", &LoaderKeys::num_workers,
          "streams of chance under replay='openmmlab', and nothing else: pinfeed.threads says "
          "how many threads render, by default one per core",
          at_least(0))
      .optional("persistent_workers", &LoaderKeys::persistent_workers,
                "under replay: the streams run on over epochs")
      .optional("drop_last", &LoaderKeys::drop_last, "leave a short last batch out")
      .accepted("prefetch_factor", &LoaderKeys::prefetch_factor,
                "pinfeed.prefetch says how many batches are made ahead", at_least(1))
      .accepted("pin_memory", "pinned where there is a device")
      .accepted("disable_subprocess_warning", "there are no subprocesses")
      .accepted("timeout", &LoaderKeys::timeout, "threads cannot be lost", at_least(0))
      .accepted("in_order", &LoaderKeys::in_order, "batches always come in their order")
      .accepted("pin_memory_device", &LoaderKeys::pin_memory_device,
                "batches go to the device of the run")
      .accepted("multiprocessing_context", "there are no worker processes")
      .refused("generator", "the sampler's seed and randomness.seed are where chance begins")
      .accepted("worker_init_fn", "there are no worker processes to initialise")
      .refused("num_batch_per_epoch", "use the data set's indices")
      .refused("shuffle", "say it in the sampler: dict(type='DefaultSampler', shuffle=True)")
      .check(check);
}

struct OwnKeys {
  static constexpr auto name = "pinfeed";
  Value replay = false;
  std::optional<int> threads = {};
  int io_threads = 4;
  int prefetch = 3;
  std::optional<int> seats = {};
  std::optional<std::int64_t> memory_budget = {};
  std::string pinning = "prefer";
  OnBadSample on_bad_sample = OnBadSample::raise;
  std::string bad_sample_ledger = {};
  double max_bad_fraction = 0.05;
  bool index = true;
};

void describe(Schema<OwnKeys>& schema) {
  schema.summary("Settings that OpenMMLab does not know.")
      .optional("replay", &OwnKeys::replay, "False, or 'openmmlab': draw as its workers do")
      .optional("threads", &OwnKeys::threads, "render threads; None: as many as cores", at_least(1))
      .optional("io_threads", &OwnKeys::io_threads, "threads that read files", at_least(1))
      .optional("prefetch", &OwnKeys::prefetch, "batches made ahead of the one in use", at_least(1))
      .optional("seats", &OwnKeys::seats, "former name: seats=N is read as prefetch=N-1",
                at_least(2))
      .optional("memory_budget", &OwnKeys::memory_budget, "bytes of host memory of a loader",
                at_least(1))
      .optional("pinning", &OwnKeys::pinning,
                "page-lock the batches: 'prefer' where there is a device, or 'require'")
      .optional("on_bad_sample", &OwnKeys::on_bad_sample,
                "'skip': the next record takes the place; 'refetch': one that is drawn")
      .optional("bad_sample_ledger", &OwnKeys::bad_sample_ledger,
                "a file that gets a line of JSON for each bad sample")
      .optional("max_bad_fraction", &OwnKeys::max_bad_fraction,
                "the part of the samples that may be bad", between(0, 1))
      .optional("index", &OwnKeys::index,
                "large COCO files get an index beside them, for a quicker start")
      .accepted("follow", "obeyed when the config is read: see docs/config.md")
      .check([](const OwnKeys& keys) {
        const bool known = keys.replay == Value(false) || keys.replay == Value("openmmlab");
        if (!known) {
          throw Error(ErrorKind::config,
                      "replay is " + repr(keys.replay) + "; it must be False or 'openmmlab'");
        }
        if (keys.pinning != "prefer" && keys.pinning != "require") {
          throw Error(ErrorKind::config,
                      "pinning is '" + keys.pinning + "'; it must be 'prefer' or 'require'");
        }
      });
}

struct Randomness {
  static constexpr auto name = "randomness";
  std::optional<std::int64_t> seed = {};
};

void describe(Schema<Randomness>& schema) {
  schema.summary("Where chance begins.")
      .optional("seed", &Randomness::seed, "None: 0", at_least(0))
      .accepted("deterministic", "batches always are")
      .refused("diff_rank_seed", "ranks share the seed and differ by position");
}

template <class T>
T section_of(const Value& config, const char* name) {
  const Value* section = config.find(name);
  return section == nullptr ? T{} : schema_of<T>().parse(*section, name);
}

const Value& required_section(const Value& config, const std::string& section) {
  const Value* found = config.find(section);
  if (found != nullptr && !found->is_none()) return *found;
  throw Error(ErrorKind::config, "the config has no " + section);
}

Value collate_of(const LoaderKeys& keys) {
  if (!keys.collate_fn.is_none()) return keys.collate_fn;
  Dict standard;
  standard.set("type", "pseudo_collate");
  return standard;
}

// A function of the user's own replaces the seeding of upstream's workers
// (docs/specs/openmmlab-data.md, 3.6), so that what they draw is not known.
void require_known_workers(const Value& loader, const std::string& section) {
  const Value* function = loader.find("worker_init_fn");
  if (function == nullptr || function->is_none()) return;
  const Value* type = function->find("type");
  if (type != nullptr && *type == Value("worker_init_fn")) return;
  throw Error(ErrorKind::config, "what workers draw behind the worker_init_fn " + repr(*function) +
                                     " cannot be replayed")
      .at(function->span())
      .inside(section)
      .help("leave it out, or leave out pinfeed.replay: then it changes nothing");
}

// Empty where none is written.
BatchSampler batch_sampler_of(const LoaderKeys& keys, const Sampler& sampler,
                              const std::string& section, const BuildContext& context) {
  if (keys.batch_sampler.is_none()) return {};
  const std::string path = section + ".batch_sampler";
  BatchSampler made = context.catalogs->batch_samplers.make(keys.batch_sampler, path, context);
  if (!sampler.endless || made.begin) return made;
  throw Error(ErrorKind::config, made.name + " cannot cut the endless order of " + sampler.name)
      .at(keys.batch_sampler.span())
      .inside(path);
}

// Why the batches of all ranks together are others with another number of ranks; empty where they
// are the same (docs/config.md, Randomness).
std::string why_ranks_matter(const Dataset& dataset, const Sampler& sampler,
                             const BatchSampler& batch_sampler, const PlanRules& rules) {
  std::vector<std::string> reasons;
  const std::int64_t batch = rules.batch_size * rules.world_size;
  if (batch_sampler.make_batches) {
    reasons.push_back(batch_sampler.name + " cuts the order of each rank by itself");
  } else if (!sampler.strided) {
    reasons.push_back(sampler.name + " does not deal its order out one by one");
  } else if (!sampler.endless && dataset.size % batch != 0) {
    reasons.push_back(
        fmt::format("{} samples are no whole number of batches of {}", dataset.size, batch));
  }
  if (dataset.earlier_samples) reasons.emplace_back("a Cached step looks at its rank's samples");
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

PartDoc data_loader_doc() { return schema_of<LoaderKeys>().doc(); }

void check_data_loader(const Value& value, const std::string& path) {
  (void)schema_of<LoaderKeys>().parse(value, path);
}

LoaderOptions loader_options(const Value& config) {
  auto own = section_of<OwnKeys>(config, "pinfeed");
  std::vector<std::string> warnings;
  if (own.seats) {
    own.prefetch = *own.seats - 1;
    warnings.push_back(fmt::format("pinfeed.seats={} is read as prefetch={}: write prefetch",
                                   *own.seats, own.prefetch));
  }
  const auto randomness = section_of<Randomness>(config, "randomness");
  return {.seed = static_cast<std::uint64_t>(randomness.seed.value_or(0)),
          .replay = own.replay.is_string(),
          .threads = own.threads.value_or(0),
          .io_threads = own.io_threads,
          .memory_budget = own.memory_budget,
          .pinning = own.pinning == "require" ? Pinning::require : Pinning::prefer,
          .prefetch = own.prefetch,
          .on_bad_sample = own.on_bad_sample,
          .bad_sample_ledger = own.bad_sample_ledger,
          .max_bad_fraction = own.max_bad_fraction,
          .index = own.index,
          .warnings = std::move(warnings)};
}

Loader make_loader(const Value& config, const std::string& section, const Catalogs& catalogs,
                   const LoaderOptions& options) {
  const Value& written = required_section(config, section);
  const auto keys = schema_of<LoaderKeys>().parse(written, section);
  if (options.replay) require_known_workers(written, section);
  BuildContext context{.catalogs = &catalogs, .index = options.index};
  if (options.on_bad_sample != OnBadSample::raise) context.bad_records = BadRecords::keep;
  Dataset dataset = catalogs.datasets.make(keys.dataset, section + ".dataset", context);
  context.sampler = {dataset.size, options.rank,    options.world_size, options.seed,
                     &dataset,     keys.batch_size, options.replay,     keys.num_workers};
  Sampler sampler = catalogs.samplers.make(keys.sampler, section + ".sampler", context);
  BatchSampler batch_sampler = batch_sampler_of(keys, sampler, section, context);
  Collate collate = catalogs.collates.make(collate_of(keys), section + ".collate_fn", context);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const PlanRules rules{.batch_size = keys.batch_size,
                        .drop_last = keys.drop_last,
                        .num_workers = keys.num_workers,
                        .persistent_workers = keys.persistent_workers,
                        .replay = options.replay,
                        .on_bad_sample = options.on_bad_sample,
                        .keep_steps = options.keep_steps,
                        .seed = options.seed,
                        .rank = options.rank,
                        .world_size = options.world_size};
  const LoaderLimits limits{.threads = options.threads > 0 ? options.threads : cores,
                            .io_threads = options.io_threads,
                            .slots = options.prefetch + 1,
                            .memory_budget = options.memory_budget,
                            .pinning = options.pinning,
                            .device = options.device,
                            .trace = options.trace};
  dataset.warnings.insert(dataset.warnings.end(), options.warnings.begin(), options.warnings.end());
  if (section == "train_dataloader" && rules.world_size > 1 && !rules.replay) {
    const std::string why = why_ranks_matter(dataset, sampler, batch_sampler, rules);
    if (!why.empty()) {
      dataset.warnings.push_back("the batches depend on the number of ranks: " + why);
    }
  }
  std::vector<DatasetSwitch> switches;
  if (section == "train_dataloader") switches = pipeline_switches(config, dataset, context);
  Loader loader(std::move(dataset), std::move(sampler), std::move(collate), rules, limits,
                std::move(batch_sampler), std::move(switches));
  loader.write_bad_samples_to(options.bad_sample_ledger, options.max_bad_fraction);
  return loader;
}

}  // namespace pinfeed
