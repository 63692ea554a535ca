// SPDX-License-Identifier: Apache-2.0
// A small data set for the tests of the loader: random windows of one noise image.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/data/loader/planner.h"

namespace pinfeed {

constexpr std::int64_t windows_count = 23;
constexpr std::int64_t never = -1;

// 60 x 40 pixels of noise.
inline const image::Image& noise() {
  static const image::Image made = [] {
    image::Image image = image::make_image({60, 40});
    Mt19937 random(7);
    for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
      image.pixels.data()[i] = static_cast<std::byte>(random.next());
    }
    return image;
  }();
  return made;
}

// A random window, resized to 16 x 16 and flipped with probability 1/2.
inline image::ImageExpr chosen(const image::ImageExpr& from, RandomContext& random) {
  random.enter(hash32("/window"));
  const auto x = static_cast<int>(random.numpy.randint(0, 30));
  const auto y = static_cast<int>(random.numpy.randint(0, 20));
  const image::ImageExpr image = image::resized(image::cropped(from, {x, y, 30, 20}), {16, 16},
                                                image::Interpolation::bilinear);
  const bool flip = random.numpy.random_sample() < 0.5;
  return flip ? image::flipped(image, image::FlipDirection::horizontal) : image;
}

inline Sample window_of(const image::ImageExpr& image, std::int64_t index, RandomContext& random) {
  Sample sample(random.arena());
  sample.index = index;
  sample.image = chosen(image, random);
  sample.packed = map_node(random.arena());
  set(sample.packed, "inputs", {sample.image});
  set(sample.packed, "index", {index});
  return sample;
}

inline Dataset windows(std::int64_t broken = never,
                       std::chrono::milliseconds delay = std::chrono::milliseconds(0)) {
  Dataset dataset{.name = "Windows", .size = windows_count};
  dataset.plan = [broken, delay](std::int64_t index,
                                 RandomContext& random) -> std::optional<Sample> {
    std::this_thread::sleep_for(delay);
    if (index == broken) throw Error(ErrorKind::data, "this one is broken");
    return window_of(image::plain(noise().view(), random.arena()), index, random);
  };
  return dataset;
}

inline Sampler in_order() {
  return {"InOrder", false, [](std::int64_t) {
            return Order{windows_count, [](std::int64_t k) { return k; }};
          }};
}

inline Sampler shuffled() {
  const auto order = [](std::int64_t epoch) {
    Mt19937 generator(static_cast<std::uint64_t>(epoch));
    auto indices =
        std::make_shared<const std::vector<std::int64_t>>(randperm(windows_count, generator));
    return Order{windows_count,
                 [indices](std::int64_t k) { return indices->at(static_cast<std::size_t>(k)); }};
  };
  return {"Shuffled", false, order};
}

inline Collate stacked() {
  return {"stacked", [](std::span<const TreeNode> items, Arena& arena) {
            Layout layout(arena);
            std::vector<image::ImageExpr> images;
            for (const TreeNode& item : items)
              images.push_back(*item.find("inputs")->as<image::ImageExpr>());
            layout.batch = map_node(arena);
            set(layout.batch, "inputs", {layout.stack(images)});
            return layout;
          }};
}

}  // namespace pinfeed
