// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.1; Philox: Salmon et al., SC 2011.
//
// There are two ways to get random numbers, and the numpy, Python and torch functions work on both.
//
// A sequential generator (MT19937) is what OpenMMLab's worker processes use: one each for numpy,
// Python and torch, seeded per worker. With replay='openmmlab' pinfeed repeats these streams bit
// for bit, so each function must consume exactly the words that the original consumes, in its
// order. That rules out another rejection rule or a skipped word even where the result would be the
// same. The cost: sample n needs all numbers before it, so a worker's samples are planned in order.
//
// A keyed generator (Philox) is the default. Its words are a function of a RandomKey (seed, epoch,
// position, attempt, step) and of the index of the word, so any sample can be planned alone, by any
// thread, on any rank, and resuming needs no replay. Philox4x32-10 encrypts a counter with the seed
// as key; different counters give independent words (it passes BigCrush). The key's fields occupy
// separate bits of the counter, so two keys of practical size never share a block.
#include "pinfeed/core/random.h"

#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr int state_size = 624;
constexpr int shift_size = 397;

std::uint32_t twist(std::uint32_t high, std::uint32_t low) {
  const std::uint32_t joined = (high & 0x80000000U) | (low & 0x7FFFFFFFU);
  return (joined >> 1U) ^ ((low & 1U) != 0 ? 0x9908B0DFU : 0U);
}

// All ones up to the top bit of `range`.
std::uint64_t mask_of(std::uint64_t range) {
  std::uint64_t mask = range;
  for (unsigned shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  return mask;
}

// A number in [0, range] by numpy's masked rejection.
std::uint64_t numpy_bounded(Bits& bits, std::uint64_t range) {
  if (range == 0) return 0;
  const std::uint64_t mask = mask_of(range);
  const bool wide = range > 0xFFFFFFFFU;
  while (true) {
    const std::uint64_t high = wide ? std::uint64_t{bits.next()} << 32U : 0;
    const std::uint64_t value = (high | bits.next()) & mask;
    if (value <= range) return value;
  }
}

std::uint32_t low32(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high32(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); }

}  // namespace

Mt19937::Mt19937(std::uint64_t seed) {
  state_[0] = low32(seed);
  for (std::uint32_t i = 1; i < state_size; ++i) {
    state_[i] = 1812433253U * (state_[i - 1] ^ (state_[i - 1] >> 30U)) + i;
  }
}

Mt19937::Mt19937(std::span<const std::uint32_t> keys) : Mt19937(19650218U) {
  std::size_t i = 1;
  std::size_t j = 0;
  const auto wrap = [&] {
    if (++i >= state_size) {
      state_[0] = state_[state_size - 1];
      i = 1;
    }
  };
  for (std::size_t k = std::max<std::size_t>(state_size, keys.size()); k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30U)) * 1664525U)) + keys[j] +
                static_cast<std::uint32_t>(j);
    wrap();
    if (++j >= keys.size()) j = 0;
  }
  for (int k = state_size - 1; k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30U)) * 1566083941U)) -
                static_cast<std::uint32_t>(i);
    wrap();
  }
  state_[0] = 0x80000000U;
}

void Mt19937::refill() {
  constexpr std::size_t rest = state_size - shift_size;
  std::size_t i = 0;
  for (; i < rest; ++i) state_[i] = state_[i + shift_size] ^ twist(state_[i], state_[i + 1]);
  for (; i < state_size - 1; ++i) state_[i] = state_[i - rest] ^ twist(state_[i], state_[i + 1]);
  state_[i] = state_[i - rest] ^ twist(state_[i], state_[0]);
  position_ = 0;
}

void Mt19937::discard(std::int64_t count) {
  for (std::int64_t left = state_size - position_; count > left; left = state_size) {
    count -= left;
    refill();
  }
  position_ += static_cast<int>(count);
}

std::uint32_t Mt19937::next() {
  if (position_ == state_size) refill();
  std::uint32_t value = state_[static_cast<std::size_t>(position_++)];
  value ^= value >> 11U;
  value ^= (value << 7U) & 0x9D2C5680U;
  value ^= (value << 15U) & 0xEFC60000U;
  return value ^ (value >> 18U);
}

Mt19937 python_generator(std::int64_t seed) {
  const auto magnitude =
      seed < 0 ? 0 - static_cast<std::uint64_t>(seed) : static_cast<std::uint64_t>(seed);
  const std::array<std::uint32_t, 2> keys = {low32(magnitude), high32(magnitude)};
  return Mt19937(std::span(keys).first(keys[1] == 0 ? 1 : 2));
}

Philox::Philox(const RandomKey& key) : key_{low32(key.seed), high32(key.seed)} {
  const std::array<std::uint64_t, 3> high_bits = {key.epoch >> 16U, key.attempt >> 10U,
                                                  key.position >> 38U};
  std::uint32_t step = key.step;
  for (const std::uint64_t extra : high_bits) {
    if (extra != 0) step = (step ^ low32(extra) ^ high32(extra)) * 16777619U + 1U;
  }
  const auto packed = static_cast<std::uint32_t>(
      (key.epoch & 0xFFFFU) | (key.attempt & 0x3FFU) << 16U | (key.position >> 32U & 0x3FU) << 26U);
  counter_ = {0, step, low32(key.position), packed};
}

std::array<std::uint32_t, 4> Philox::block(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {high32(b) ^ counter[1] ^ key[0], low32(b), high32(a) ^ counter[3] ^ key[1],
               low32(a)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

std::uint32_t Philox::next() {
  if (used_ == 4) {
    words_ = block(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return words_[static_cast<std::size_t>(used_++)];
}

std::uint32_t Bits::next() {
  return std::visit([](auto* source) { return source->next(); }, source_);
}

double Bits::next_double() {
  const std::uint32_t high = next() >> 5U;
  const std::uint32_t low = next() >> 6U;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double NumpyRandom::uniform(double low, double high) {
  return low + (high - low) * random_sample();
}

std::int64_t NumpyRandom::randint(std::int64_t low, std::int64_t high) {
  if (low >= high) {
    throw Error(ErrorKind::config, "cannot choose an integer from [" + std::to_string(low) + ", " +
                                       std::to_string(high) + "): the range is empty");
  }
  const auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) - 1;
  return low + static_cast<std::int64_t>(numpy_bounded(bits_, range));
}

void NumpyRandom::shuffle(std::span<std::int64_t> values) {
  for (std::size_t i = values.size(); i-- > 1;)
    std::swap(values[i], values[numpy_bounded(bits_, i)]);
}

std::size_t NumpyRandom::choice(std::span<const double> probabilities) {
  const double random = random_sample();
  const double total = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  double sum = 0.0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    sum += probabilities[i];
    if (sum / total > random) return i;
  }
  return probabilities.size() - 1;
}

double PythonRandom::uniform(double low, double high) { return low + (high - low) * random(); }

std::uint64_t PythonRandom::randbelow(std::uint64_t n) {
  unsigned bits = 0;
  while (bits < 64 && (n >> bits) != 0) ++bits;
  while (true) {
    // Python takes whole words, low word first; the last one gives its top bits.
    std::uint64_t value = bits > 32 ? bits_.next() : 0;
    const unsigned rest = bits > 32 ? bits - 32 : bits;
    value |= std::uint64_t{bits_.next() >> (32 - rest)} << (bits > 32 ? 32U : 0U);
    if (value < n) return value;
  }
}

std::int64_t PythonRandom::randint(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(randbelow(static_cast<std::uint64_t>(high - low) + 1));
}

void PythonRandom::shuffle(std::span<std::int64_t> values) {
  for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[randbelow(i + 1)]);
}

std::int64_t TorchRandom::randint(std::int64_t low, std::int64_t high) {
  return low + bits_.next() % (high - low);
}

float TorchRandom::rand() {
  return static_cast<float>(bits_.next() & 0xFFFFFFU) * (1.0F / 16777216.0F);
}

float TorchRandom::uniform(float low, float high) { return rand() * (high - low) + low; }

std::int64_t TorchRandom::random() {
  const std::uint64_t high = bits_.next();
  return static_cast<std::int64_t>((high << 32U | bits_.next()) & 0x7FFFFFFFFFFFFFFFU);
}

void TorchRandom::randperm(std::span<std::int64_t> values) {
  std::iota(values.begin(), values.end(), 0);
  const std::size_t size = values.size();
  const bool narrow = size <= 0xFFFFFFFFU;  // 32-bit division is faster
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const std::uint32_t word = bits_.next();
    std::swap(values[i], values[i + (narrow ? word % low32(size - i) : word % (size - i))]);
  }
}

std::vector<std::int64_t> randperm(std::int64_t n, Mt19937& generator) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  TorchRandom(generator).randperm(values);
  return values;
}

std::uint32_t hash32(std::string_view text, std::uint32_t start) {
  std::uint32_t hash = start;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

std::uint32_t combine_hashes(std::uint32_t a, std::uint32_t b) {
  return hash32({reinterpret_cast<const char*>(&b), sizeof b}, a);
}

}  // namespace pinfeed
