// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace pinfeed {

/// MT19937 as numpy's legacy generator, Python's random and torch's CPU generator use it
/// (docs/specs/openmmlab-data.md, 3.1). Values are 32 bits, tempered.
class Mt19937 {
 public:
  /// init(seed mod 2^32): torch's manual_seed, numpy's seed(int).
  explicit Mt19937(std::uint64_t seed = 0);
  /// The standard array initialisation: numpy's seed(list).
  explicit Mt19937(std::span<const std::uint32_t> keys);

  std::uint32_t next();
  /// Skips the next `count` words.
  void discard(std::int64_t count);

 private:
  void refill();
  std::array<std::uint32_t, 624> state_ = {};
  int position_ = 624;
};

/// Python's random.seed(k): array initialisation with the 32-bit words of |k|, low word first.
Mt19937 python_generator(std::int64_t seed);

/// What a keyed random number depends on. Two keys that differ in any member give independent
/// streams.
struct RandomKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t position = 0;  // index in the global order of the epoch
  std::uint64_t attempt = 0;   // 0, then 1, 2, ... for replacements
  std::uint32_t step = 0;      // hash of the step's path: type and occurrence
};

/// Philox4x32-10 in counter mode. The key is the seed. The counter, low word first: index of the
/// random word / 4; step; low word of the position; 16 bits of the epoch, 10 bits of the attempt, 6
/// bits of the position. Higher bits are mixed into the step word, so there is no limit to check.
class Philox {
 public:
  explicit Philox(const RandomKey& key = {});
  std::uint32_t next();

  /// One block of the cipher: ten rounds.
  static std::array<std::uint32_t, 4> block(std::array<std::uint32_t, 4> counter,
                                            std::array<std::uint32_t, 2> key);

 private:
  std::array<std::uint32_t, 2> key_ = {};
  std::array<std::uint32_t, 4> counter_ = {};
  std::array<std::uint32_t, 4> words_ = {};
  int used_ = 4;
};

/// A source of random 32-bit words: a reference to the sequential generator of a worker, or to a
/// keyed one. The generator must outlive it.
class Bits {
 public:
  Bits(Mt19937& generator) : source_(&generator) {}  // NOLINT: borrows, as a reference does
  Bits(Philox& generator) : source_(&generator) {}   // NOLINT
  std::uint32_t next();
  /// 53 random bits in [0, 1), from two words: the double of numpy and Python.
  double next_double();

 private:
  std::variant<Mt19937*, Philox*> source_;
};

/// The functions of numpy's legacy RandomState.
class NumpyRandom {
 public:
  explicit NumpyRandom(Bits bits) : bits_(bits) {}
  double random_sample() { return bits_.next_double(); }
  /// low + (high - low) * u.
  double uniform(double low, double high);
  /// In [low, high); an interval of one value consumes no word. Throws Error(config) for an empty
  /// interval.
  std::int64_t randint(std::int64_t low, std::int64_t high);
  /// Fisher-Yates from the end.
  void shuffle(std::span<std::int64_t> values);
  /// A random index with these probabilities; consumes one double.
  std::size_t choice(std::span<const double> probabilities);

 private:
  Bits bits_;
};

/// The functions of Python's random module.
class PythonRandom {
 public:
  explicit PythonRandom(Bits bits) : bits_(bits) {}
  double random() { return bits_.next_double(); }
  double uniform(double low, double high);
  /// In [0, n), n > 0, by rejection: _randbelow of Python.
  std::uint64_t randbelow(std::uint64_t n);
  /// In [low, high].
  std::int64_t randint(std::int64_t low, std::int64_t high);
  void shuffle(std::span<std::int64_t> values);

 private:
  Bits bits_;
};

/// The functions of torch's CPU generator.
class TorchRandom {
 public:
  explicit TorchRandom(Bits bits) : bits_(bits) {}
  /// In [low, high); high - low < 2^32.
  std::int64_t randint(std::int64_t low, std::int64_t high);
  /// float32 in [0, 1), 24 bits.
  float rand();
  /// u * (high - low) + low, in float32.
  float uniform(float low, float high);
  /// 63 random bits: the base seed of a loader.
  std::int64_t random();
  void randperm(std::span<std::int64_t> values);

 private:
  Bits bits_;
};

/// 0 .. n-1 shuffled as torch.randperm does, continuing `generator`.
std::vector<std::int64_t> randperm(std::int64_t n, Mt19937& generator);

/// FNV-1a: the same on every machine. Used for the paths of steps.
std::uint32_t hash32(std::string_view text, std::uint32_t start = 2166136261U);
/// One hash of two, which depends on their order.
std::uint32_t combine_hashes(std::uint32_t a, std::uint32_t b);

}  // namespace pinfeed
