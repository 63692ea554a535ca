// SPDX-License-Identifier: Apache-2.0
// `pinfeed cache`: fills, checks and clears the folder that pinfeed.cache names.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pinfeed/cli/cache_check.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/image/cache/coefficient_cache.h"
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"

namespace pinfeed::cli {
namespace {

using image::CacheMode;
using image::CacheOptions;
using image::CoefficientCache;

struct CacheArguments {
  LoaderArguments loader = {};
  std::string folder = {};
  std::optional<std::int64_t> limit = {};
  bool verify = false;
  bool clear = false;
  bool status = false;
};

// What filling did with the images of a data set.
struct Filled {
  std::atomic<std::int64_t> present = 0;  // that were there before
  std::atomic<std::int64_t> added = 0;
  std::atomic<std::int64_t> unusual = 0;       // that are decoded in the normal way
  std::atomic<std::int64_t> failed = 0;        // that cannot be read
  std::atomic<std::int64_t> file_bytes = 0;    // of those that were added
  std::atomic<std::int64_t> record_bytes = 0;  // of their records
};

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

CacheOptions cache_options(const CacheArguments& arguments, const Config& config) {
  CacheOptions options = loader_options(config.root).cache;
  if (!arguments.folder.empty()) options.folder = arguments.folder;
  if (arguments.limit) options.limit = arguments.limit;
  if (options.folder.empty()) {
    throw Error(ErrorKind::config, "the config has no pinfeed.cache")
        .help("name a folder with --dir, or write pinfeed = dict(cache='FOLDER')");
  }
  return options;
}

void print_status(const CoefficientCache& cache) {
  const image::CacheStats stats = cache.stats();
  print(fmt::format("{}: {} images, {}", cache.options().folder, stats.images,
                    megabytes(stats.bytes)));
}

// One thread's work: every image whose number it gets from `next`.
class Filler {
 public:
  Filler(const Dataset& dataset, CoefficientCache& cache, Filled& filled)
      : dataset_(dataset), cache_(cache), filled_(filled) {}

  void fill(std::int64_t index) {
    arena_.reset();
    const Sample sample = dataset_.get(index, arena_);
    try {
      add(sample);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      say(fmt::format("warning: '{}' is left out: {}", sample.img_path, error.text()));
      ++filled_.failed;
    }
  }

 private:
  void add(const Sample& sample) {
    const CachedFile found = find_cached(sample, cache_);
    if (found.cached != nullptr && cache_.is_intact(*found.cached)) {
      ++filled_.present;
      return;
    }
    const Buffer file = read_bytes(found.path, ErrorKind::data);
    const std::span<const std::byte> bytes(file.data(), file.size);
    const image::Header header = image::read_header(bytes, found.path);
    std::span<const std::byte> record;
    if (header.format == image::Format::jpeg) record = reader_.read(bytes, header);
    if (record.empty() || !found.version) {
      ++filled_.unusual;
      return;
    }
    image::jpeg::RecordMemory memory = cache_.spare_memory();
    reader_.writer().swap_memory(memory);
    cache_.add({.path = std::string(found.key),
                .mtime_ns = found.version->mtime_ns,
                .bytes = record.size(),
                .file_hash = image::hash_of(bytes),
                .header = header},
               std::move(memory));
    cache_.flush();
    ++filled_.added;
    filled_.file_bytes += static_cast<std::int64_t>(bytes.size());
    filled_.record_bytes += static_cast<std::int64_t>(record.size());
  }

  const Dataset& dataset_;
  CoefficientCache& cache_;
  Filled& filled_;
  Arena arena_;
  image::jpeg::CoefficientReader reader_;
};

// Images from `first` to before `end`, by several threads. Throws what one of them threw.
void fill_range(const Dataset& dataset, CoefficientCache& cache, std::int64_t first,
                std::int64_t end, int threads, Filled& filled) {
  std::atomic<std::int64_t> next = first;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      Filler filler(dataset, cache, filled);
      for (std::int64_t i = next++; i < end && cache.accepts(); i = next++) {
        filler.fill(i);
        if (i % 64 == 0) say_live(fmt::format("{} of {} images", i, end));
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = end;
    }
  };
  std::vector<std::thread> all;
  all.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i)
    all.push_back(start_thread("pinfeed-fill", Priority::normal, work));
  for (std::thread& thread : all) thread.join();
  end_live();
  if (failure) std::rethrow_exception(failure);
}

// Seconds of one thread for the pixels of each of the first `most` images, on average.
double seconds_per_image(CoefficientCache& cache, std::int64_t most) {
  image::jpeg::JpegPixels pixels;
  std::vector<std::byte> row;
  std::int64_t images = 0;
  const auto start = std::chrono::steady_clock::now();
  cache.for_each([&](const image::CachedImage& cached) {
    const Size size = cached.header().stored;
    if (images == most || !cache.is_intact(cached)) return;
    ++images;
    row.resize(static_cast<std::size_t>(size.width) * 3);
    pixels.open_record(cached.record, size, image::ChannelOrder::bgr);
    for (int y = 0; y < size.height; ++y) pixels.read(row.data());
  });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return images == 0 ? 0.0 : taken.count() / static_cast<double>(images);
}

// From the first images, before the others are read.
void say_estimate(const Filled& filled, std::int64_t images, std::int64_t total, double seconds,
                  double images_per_second) {
  const double rest = static_cast<double>(total) / static_cast<double>(images);
  say(fmt::format(
      "about {} for {} images ({:.2f} of the files), {:.0f} s; then whole images are decoded at "
      "about {:.0f} images/s",
      megabytes(static_cast<std::int64_t>(static_cast<double>(filled.record_bytes) * rest)), total,
      static_cast<double>(filled.record_bytes) / static_cast<double>(filled.file_bytes),
      seconds * (rest - 1), images_per_second));
}

Loader loader_without_cache(const CacheArguments& arguments, const Config& config) {
  LoaderArguments without_cache = arguments.loader;
  without_cache.no_cache = true;
  return without_cache.make(config);
}

void fill(const CacheArguments& arguments, const Config& config, CoefficientCache& cache) {
  constexpr std::int64_t sampled = 64;
  const Loader loader = loader_without_cache(arguments, config);
  const Dataset& dataset = loader.dataset();
  const int threads = arguments.loader.threads > 0 ? arguments.loader.threads : usable_cores();
  Filled filled;
  const auto start = std::chrono::steady_clock::now();
  const std::int64_t first = std::min(sampled, dataset.size);
  fill_range(dataset, cache, 0, first, threads, filled);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (first < dataset.size && filled.added > 0) {
    const double each = seconds_per_image(cache, sampled);
    say_estimate(filled, first, dataset.size, taken.count(), each > 0 ? threads / each : 0.0);
  }
  fill_range(dataset, cache, first, dataset.size, threads, filled);
  const std::string warning = cache.take_warning();
  if (!warning.empty()) say("warning: " + warning);
  print(fmt::format("{} images added, {} were there; {} are no usual JPEGs and are always decoded",
                    cache.stats().added, filled.present.load(), filled.unusual.load()));
  if (filled.failed > 0) print(fmt::format("{} images cannot be read", filled.failed.load()));
  print_status(cache);
}

void run(const CacheArguments& arguments) {
  const Config config = arguments.loader.config.read_to_run();
  CacheOptions options = cache_options(arguments, config);
  if (arguments.clear) {
    const auto bytes = static_cast<std::int64_t>(image::remove_segments(options.folder));
    return print(fmt::format("removed {} from {}", megabytes(bytes), options.folder));
  }
  options.mode = arguments.verify || arguments.status ? CacheMode::read : CacheMode::fill;
  CoefficientCache cache(options);
  if (arguments.status) return print_status(cache);
  if (arguments.verify)
    return check_cache(loader_without_cache(arguments, config).dataset(), cache);
  fill(arguments, config, cache);
}

}  // namespace

void add_cache(CLI::App& app) {
  auto arguments = std::make_shared<CacheArguments>();
  CLI::App* command =
      app.add_subcommand("cache", "fills, checks or clears the cache of decoded JPEGs");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--dir", arguments->folder, "the folder (default: pinfeed.cache)");
  command->add_option("--limit", arguments->limit, "bytes that the cache may have")
      ->check(at_least(0));
  CLI::Option* status = command->add_flag("--status", arguments->status, "print what is there");
  CLI::Option* check = command->add_flag("--verify", arguments->verify,
                                         "check all records, and the files they were made from");
  CLI::Option* clearing = command->add_flag("--clear", arguments->clear, "remove all records");
  status->excludes(check)->excludes(clearing);
  check->excludes(clearing);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
