// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader_options.h"

#include <fmt/format.h>

#include <utility>

#include "pinfeed/config/enum_names.h"
#include "pinfeed/config/schema.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

template <>
struct EnumNames<OnBadSample> {
  static constexpr std::array<std::pair<std::string_view, OnBadSample>, 3> all = {
      {{"raise", OnBadSample::raise},
       {"skip", OnBadSample::skip},
       {"refetch", OnBadSample::refetch}}};
};

template <>
struct EnumNames<image::CacheMode> {
  static constexpr std::array<std::pair<std::string_view, image::CacheMode>, 3> all = {
      {{"fill", image::CacheMode::fill},
       {"read", image::CacheMode::read},
       {"only", image::CacheMode::only}}};
};

namespace {

struct PinfeedKeys {
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
  bool tf32 = true;  // read_run_settings() reads it
  std::optional<std::string> cache = {};
  image::CacheMode cache_mode = image::CacheMode::fill;
  std::optional<std::int64_t> cache_limit = {};
};

void check(const PinfeedKeys& keys) {
  if (keys.replay != Value(false) && keys.replay != Value("openmmlab")) {
    throw Error(ErrorKind::config,
                "replay is " + repr(keys.replay) + "; it must be False or 'openmmlab'");
  }
  if (keys.pinning != "prefer" && keys.pinning != "require") {
    throw Error(ErrorKind::config,
                "pinning is '" + keys.pinning + "'; it must be 'prefer' or 'require'");
  }
}

void describe(Schema<PinfeedKeys>& schema) {
  schema.summary("Settings of pinfeed; OpenMMLab ignores them.")
      .optional("replay", &PinfeedKeys::replay,
                "False, or 'openmmlab': use the random numbers of its workers")
      .optional("threads", &PinfeedKeys::threads,
                "render threads; None: one per CPU that the process may use",
                between(1, max_threads))
      .optional("io_threads", &PinfeedKeys::io_threads, "threads that read files",
                between(1, max_threads))
      .optional("prefetch", &PinfeedKeys::prefetch, "batches made ahead of the one in use",
                between(1, max_prefetch))
      .optional("seats", &PinfeedKeys::seats, "former name: seats=N is read as prefetch=N-1",
                between(2, max_prefetch + 1))
      .optional("memory_budget", &PinfeedKeys::memory_budget, "bytes of host memory of a loader",
                at_least(1))
      .optional("pinning", &PinfeedKeys::pinning,
                "page-lock the batches: 'prefer' where there is a device, or 'require'")
      .optional(
          "on_bad_sample", &PinfeedKeys::on_bad_sample,
          "'raise': an error; 'skip': the next record replaces it; 'refetch': a random record")
      .optional("bad_sample_ledger", &PinfeedKeys::bad_sample_ledger,
                "a file to which each bad sample is written as a line of JSON")
      .optional("max_bad_fraction", &PinfeedKeys::max_bad_fraction,
                "the fraction of the samples that may be bad", between(0, 1))
      .optional("index", &PinfeedKeys::index,
                "write an index file for large COCO files, for a faster start")
      .optional("tf32", &PinfeedKeys::tf32,
                "float32 products of a CUDA device have the precision of TF32, in training")
      .optional("cache", &PinfeedKeys::cache,
                "a folder for the decoded coefficients of JPEGs, which later epochs read instead "
                "of the files; the pixels are the same (docs/cache.md)")
      .optional("cache_mode", &PinfeedKeys::cache_mode,
                "'fill': add what is missing; 'read': add nothing; 'only': never open the files")
      .optional("cache_limit", &PinfeedKeys::cache_limit, "bytes that the cache may have",
                at_least(0))
      .accepted("follow", "used when the config is read: see docs/config.md")
      .check(check);
}

struct RandomnessKeys {
  static constexpr auto name = "randomness";
  std::optional<std::int64_t> seed = {};
  bool diff_rank_seed = false;
};

void describe(Schema<RandomnessKeys>& schema) {
  schema.summary("The seed of all random numbers.")
      .optional("seed", &RandomnessKeys::seed, "None: 0", at_least(0))
      .accepted("deterministic", "batches are always deterministic")
      .accepted("diff_rank_seed", &RandomnessKeys::diff_rank_seed,
                "keyed random numbers differ by position anyway");
}

template <class T>
T section_of(const Value& config, const char* name) {
  const Value* section = config.find(name);
  return section == nullptr ? T{} : schema_of<T>().parse(*section, name);
}

}  // namespace

LoaderOptions loader_options(const Value& config) {
  auto keys = section_of<PinfeedKeys>(config, "pinfeed");
  std::vector<std::string> warnings;
  if (keys.seats) {
    keys.prefetch = *keys.seats - 1;
    warnings.push_back(fmt::format("pinfeed.seats={} is read as prefetch={}: write prefetch",
                                   *keys.seats, keys.prefetch));
  }
  const auto randomness = section_of<RandomnessKeys>(config, "randomness");
  return {.seed = static_cast<std::uint64_t>(randomness.seed.value_or(0)),
          .replay = keys.replay.is_string(),
          .threads = keys.threads.value_or(0),
          .io_threads = keys.io_threads,
          .memory_budget = keys.memory_budget,
          .pinning = keys.pinning == "require" ? Pinning::require : Pinning::prefer,
          .prefetch = keys.prefetch,
          .on_bad_sample = keys.on_bad_sample,
          .bad_sample_ledger = keys.bad_sample_ledger,
          .max_bad_fraction = keys.max_bad_fraction,
          .index = keys.index,
          .cache = {keys.cache.value_or(""), keys.cache_mode, keys.cache_limit},
          .warnings = std::move(warnings)};
}

}  // namespace pinfeed
