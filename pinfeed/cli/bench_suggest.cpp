// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/bench_suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace pinfeed::cli {
namespace {

constexpr int default_prefetch = 3;

// Powers of two below the number of cores, and this number.
std::vector<int> thread_counts(int cores) {
  std::vector<int> counts;
  for (int count = 1; count < cores; count *= 2) counts.push_back(count);
  counts.push_back(cores);
  return counts;
}

// The first trial, which has the smallest setting, within 3 % of the fastest.
const Trial& smallest_fast_trial(std::span<const Trial> trials) {
  constexpr double fast_enough = 0.97;
  double fastest = 0.0;
  for (const Trial& trial : trials) fastest = std::max(fastest, trial.measured.images_per_second);
  return *std::find_if(trials.begin(), trials.end(), [fastest](const Trial& trial) {
    return trial.measured.images_per_second >= fast_enough * fastest;
  });
}

// The measurements of one setting. Other programs can slow a run down but not speed it up, so the
// fastest counts, and it is steady if the next one confirms it.
class Runs {
 public:
  void add(const Measurement& measured) {
    if (measured.images_per_second > best_.images_per_second) {
      second_ = best_.images_per_second;
      best_ = measured;
    } else {
      second_ = std::max(second_, measured.images_per_second);
    }
  }
  bool steady() const { return second_ >= steady_fraction * best_.images_per_second; }
  const Measurement& best() const { return best_; }

 private:
  static constexpr double steady_fraction = 0.97;  // as exact as the choice that follows

  Measurement best_ = {};
  double second_ = 0.0;
};

// Measures all settings twice, and those whose two best measurements differ again, up to six times.
std::vector<Trial> measure_all(const std::vector<LoaderSetting>& settings,
                               const std::function<Measurement(const LoaderSetting&)>& measure) {
  constexpr int least_rounds = 2;
  constexpr int most_rounds = 6;
  std::vector<Runs> runs(settings.size());
  for (int round = 0; round < most_rounds; ++round) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
      if (round < least_rounds || !runs[i].steady()) runs[i].add(measure(settings[i]));
    }
  }
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < settings.size(); ++i)
    trials.push_back({settings[i], runs[i].best(), runs[i].steady()});
  return trials;
}

// `pinfeed` with the keys of the setting replaced or added; seats is the former name of prefetch.
Dict with_setting(Dict pinfeed, const LoaderSetting& setting) {
  pinfeed.erase("seats");
  pinfeed.set("threads", setting.threads);
  pinfeed.set("prefetch", setting.prefetch);
  return pinfeed;
}

}  // namespace

Suggestion suggest(const std::function<Measurement(const LoaderSetting&)>& measure, int cores) {
  Suggestion result;
  std::vector<LoaderSetting> settings;
  for (const int threads : thread_counts(cores)) settings.push_back({threads, default_prefetch});
  result.trials = measure_all(settings, measure);
  const int threads = smallest_fast_trial(result.trials).setting.threads;
  const std::vector<Trial> by_prefetch =
      measure_all({{threads, 1}, {threads, 2}, {threads, 3}, {threads, 5}, {threads, 7}}, measure);
  result.trials.insert(result.trials.end(), by_prefetch.begin(), by_prefetch.end());
  result.chosen = smallest_fast_trial(by_prefetch).setting;
  return result;
}

std::string text_of(const Suggestion& suggestion, const Value* pinfeed) {
  std::string text = fmt::format("{:>7}{:>9}{:>12}{:>15}{:>17}\n", "threads", "prefetch",
                                 "images/s", "CPU-ms/image", "consumer waits");
  bool unsteady = false;
  for (const auto& [setting, measured, steady] : suggestion.trials) {
    unsteady = unsteady || !steady;
    const double waits = measured.stages.at("consumer").wait_seconds / measured.seconds;
    text += fmt::format("{:>7}{:>9}{:>12.1f}{:>15.2f}{:>15.0f} %{}\n", setting.threads,
                        setting.prefetch, measured.images_per_second,
                        1e3 * measured.cpu_seconds_per_image, 100.0 * waits,
                        steady ? "" : "  unsteady");
  }
  if (unsteady) {
    text +=
        "unsteady: six measurements differ by more than 3 %; measure longer (--seconds), or while "
        "no "
        "other program runs\n";
  }
  const bool has_keys = pinfeed != nullptr && pinfeed->is_dict();
  const Dict keys = with_setting(has_keys ? pinfeed->dict() : Dict(), suggestion.chosen);
  return text + "pinfeed = " + repr(Value(keys));
}

std::string cache_advice(const Suggestion& suggestion, const Value* pinfeed) {
  const bool has_keys = pinfeed != nullptr && pinfeed->is_dict();
  if (has_keys && pinfeed->dict().find("cache") != nullptr) return "";
  const Measurement& measured = suggestion.trials.back().measured;
  const auto busy = [&](const char* stage) { return measured.stages.at(stage).busy_seconds; };
  const double work = busy("plan") + busy("read") + busy("render");
  if (busy("decode") < 0.5 * work) return "";
  return fmt::format(
      "decoding is {:.0f} % of the work; with the key cache='FOLDER' that of JPEGs becomes a "
      "fraction after the first epoch, see docs/cache.md",
      100 * busy("decode") / work);
}

}  // namespace pinfeed::cli
