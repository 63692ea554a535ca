// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// 0, 1, 2, ... in row-major order.
Tensor counted(const Shape& shape) {
  Tensor tensor = Tensor::empty(DType::int32, shape);
  std::iota(tensor.data_as<std::int32_t>(), tensor.data_as<std::int32_t>() + tensor.elements(), 0);
  return tensor;
}

std::vector<std::int32_t> values(const Tensor& tensor) {
  std::vector<std::int32_t> found(static_cast<std::size_t>(tensor.elements()));
  copy_contiguous(tensor, reinterpret_cast<std::byte*>(found.data()));
  return found;
}

// N x H x W x C bytes shown as N x C x H x W.
Tensor channels_first(Tensor tensor) {
  const Shape shape = tensor.shape;
  const Shape strides = tensor.strides;
  tensor.shape = {shape[0], shape[3], shape[1], shape[2]};
  tensor.strides = {strides[0], strides[3], strides[1], strides[2]};
  return tensor;
}

TEST(DType, HasTheSizeAndNameThatNumpyAndTorchUse) {
  const std::vector<std::pair<std::string, std::size_t>> expected = {
      {"bool", 1},    {"uint8", 1},   {"int16", 2},   {"int32", 4},   {"int64", 8},
      {"float16", 2}, {"float32", 4}, {"float64", 8}, {"bfloat16", 2}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(name_of(static_cast<DType>(i)), expected[i].first);
    EXPECT_EQ(size_of(static_cast<DType>(i)), expected[i].second);
  }
}

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape{}.elements(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24);
  EXPECT_EQ((Shape{2, 0, 4}).elements(), 0);
}

TEST(Shape, IsShownAsATuple) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{3}), "(3,)");
  EXPECT_EQ(to_string(Shape{2, 3, 640, 480}), "(2, 3, 640, 480)");
}

TEST(Shape, IsEqualOnlyWithTheSameRank) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
}

TEST(Shape, HasEightDimensionsAtMost) {
  Shape shape = {1, 2, 3, 4, 5, 6, 7, 8};
  try {
    shape.push_back(9);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "error: a tensor has at most 8 dimensions\n");
  }
}

TEST(Tensor, IsRowMajorWhenItIsMade) {
  const Tensor tensor = counted({2, 3, 4});
  EXPECT_EQ(tensor.strides, (Shape{12, 4, 1}));
  EXPECT_EQ(tensor.bytes(), 96U);
  EXPECT_TRUE(tensor.is_contiguous());
}

TEST(Tensor, IgnoresTheStridesOfSidesOfOne) {
  Tensor tensor = counted({1, 3});
  tensor.strides = {77, 1};
  EXPECT_TRUE(tensor.is_contiguous());
}

TEST(Tensor, ShowsInterleavedBytesAsPlanes) {
  const Tensor planes = channels_first(counted({1, 1, 2, 3}));
  EXPECT_FALSE(planes.is_contiguous());
  EXPECT_EQ(values(planes), (std::vector<std::int32_t>{0, 3, 1, 4, 2, 5}));
}

TEST(Tensor, CopiesOnlyWhenItIsNotRowMajor) {
  const Tensor tensor = counted({2, 3});
  EXPECT_EQ(contiguous(tensor).data(), tensor.data());
  const Tensor planes = channels_first(counted({2, 2, 2, 3}));
  const Tensor copy = contiguous(planes);
  EXPECT_NE(copy.data(), planes.data());
  EXPECT_TRUE(copy.is_contiguous());
  EXPECT_EQ(values(copy), values(planes));
}

TEST(Tensor, CopiesViewsOfBroadcastAndReversedSides) {
  Tensor tensor = counted({3});
  tensor.shape = {2, 3};
  tensor.strides = {0, 1};
  EXPECT_EQ(values(tensor), (std::vector<std::int32_t>{0, 1, 2, 0, 1, 2}));
  tensor.shape = {3};
  tensor.strides = {-1};
  tensor.offset = 2 * sizeof(std::int32_t);
  EXPECT_EQ(values(tensor), (std::vector<std::int32_t>{2, 1, 0}));
}

TEST(Tensor, CopiesNothingWhenItIsEmpty) {
  const Tensor tensor = counted({0, 5});
  EXPECT_EQ(tensor.bytes(), 0U);
  EXPECT_TRUE(values(tensor).empty());
}

TEST(Tensor, CopiesASingleNumber) { EXPECT_EQ(values(counted({})), std::vector<std::int32_t>{0}); }

TEST(Select, SharesTheBytesOfOneItem) {
  const Tensor tensor = counted({2, 3, 4});
  const Tensor second = select(tensor, 1);
  EXPECT_EQ(second.shape, (Shape{3, 4}));
  EXPECT_EQ(*second.data_as<std::int32_t>(), 12);
  *second.data_as<std::int32_t>() = 99;
  EXPECT_EQ(tensor.data_as<std::int32_t>()[12], 99);
  EXPECT_EQ(*select(select(tensor, 1), 2).data_as<std::int32_t>(), 20);
}

TEST(Buffer, IsAlignedForVectors) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 1000U}) {
    const Buffer buffer = allocate_pageable(size);
    EXPECT_FALSE(buffer.empty());
    EXPECT_EQ(buffer.size, size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
  }
}

TEST(Buffer, NamesTheSizeOfAFailedAllocation) {
  try {
    allocate_pageable(std::numeric_limits<std::size_t>::max() - 10);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "error: could not allocate 18446744073709551605 bytes of memory\n");
  }
}

}  // namespace
}  // namespace pinfeed
