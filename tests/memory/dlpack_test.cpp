// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/dlpack.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// The bytes of a slot as (2, 3, 4, 5) through strides.
Tensor strided() {
  Tensor tensor = Tensor::empty(DType::uint8, {2, 4, 5, 3});
  for (std::size_t i = 0; i < tensor.bytes(); ++i) tensor.data()[i] = static_cast<std::byte>(i);
  tensor.shape = {2, 3, 4, 5};
  tensor.strides = {60, 1, 15, 3};
  return tensor;
}

TEST(DlPack, ExportsATensorWithItsStrides) {
  const Tensor tensor = strided();
  DLManagedTensor* handed = to_dlpack(tensor);
  EXPECT_EQ(handed->dl_tensor.data, tensor.data());
  EXPECT_EQ(handed->dl_tensor.ndim, 4);
  EXPECT_EQ(handed->dl_tensor.shape[1], 3);
  EXPECT_EQ(handed->dl_tensor.strides[1], 1);
  EXPECT_EQ(handed->dl_tensor.dtype.code, kDLUInt);
  EXPECT_EQ(handed->dl_tensor.dtype.bits, 8);
  EXPECT_EQ(handed->dl_tensor.device.device_type, kDLCPU);
  handed->deleter(handed);
}

TEST(DlPack, KeepsBytesAndKeeperUntilTheDeleterIsCalled) {
  auto keeper = std::make_shared<int>(1);
  Tensor tensor = strided();
  const std::weak_ptr<std::byte> bytes = tensor.buffer.bytes;
  DLManagedTensor* handed = to_dlpack(tensor, keeper);
  tensor = {};
  EXPECT_FALSE(bytes.expired());
  EXPECT_EQ(keeper.use_count(), 2);
  handed->deleter(handed);
  EXPECT_TRUE(bytes.expired());
  EXPECT_EQ(keeper.use_count(), 1);
}

TEST(DlPack, ImportsWhatItExported) {
  for (const DType dtype : {DType::uint8, DType::int16, DType::int32, DType::int64, DType::float16,
                            DType::float32, DType::float64, DType::bfloat16}) {
    const Tensor tensor = Tensor::empty(dtype, {3, 2});
    const Tensor back = from_dlpack(to_dlpack(tensor));
    EXPECT_EQ(back.dtype, dtype);
    EXPECT_EQ(back.shape, tensor.shape);
    EXPECT_EQ(back.strides, tensor.strides);
    EXPECT_EQ(back.data(), tensor.data());
    EXPECT_EQ(back.buffer.size, tensor.bytes());
  }
  EXPECT_EQ(from_dlpack(to_dlpack(Tensor::empty(DType::boolean, {1}))).dtype, DType::uint8);
}

// A tensor of another library: 2 x 3 int32 without strides, with an offset of one element.
struct Foreign {
  std::array<std::int32_t, 8> values = {};
  std::array<std::int64_t, 2> shape = {2, 3};
  int deleted = 0;
  DLManagedTensor managed = {.dl_tensor = {.data = values.data(),
                                           .device = {kDLCPU, 0},
                                           .ndim = 2,
                                           .dtype = {kDLInt, 32, 1},
                                           .shape = shape.data(),
                                           .strides = nullptr,
                                           .byte_offset = 4},
                             .manager_ctx = this,
                             .deleter = [](DLManagedTensor* self) {
                               ++static_cast<Foreign*>(self->manager_ctx)->deleted;
                             }};
};

TEST(DlPack, CallsTheForeignDeleterWithTheLastCopy) {
  Foreign foreign;
  {
    const Tensor tensor = from_dlpack(&foreign.managed);
    const Tensor copy = select(tensor, 1);
    EXPECT_EQ(tensor.data_as<std::int32_t>(), foreign.values.data() + 1);
    EXPECT_EQ(copy.data_as<std::int32_t>(), foreign.values.data() + 4);
    EXPECT_EQ(tensor.strides, (Shape{3, 1}));
    EXPECT_EQ(foreign.deleted, 0);
  }
  EXPECT_EQ(foreign.deleted, 1);
}

std::string refusal_of(Foreign& foreign) {
  try {
    from_dlpack(&foreign.managed);
  } catch (const Error& error) {
    EXPECT_EQ(foreign.deleted, 1);
    return error.message();
  }
  return "";
}

TEST(DlPack, RefusesUnknownTypesAndCallsTheDeleter) {
  Foreign vectors;
  vectors.managed.dl_tensor.dtype = {kDLFloat, 32, 4};
  EXPECT_EQ(refusal_of(vectors),
            "error: DLPack's type (code 2, 32 bits, 4 lanes) is not supported\n");
  Foreign elsewhere;
  elsewhere.managed.dl_tensor.device = {kDLMetal, 0};
  EXPECT_NE(refusal_of(elsewhere).find("error: DLPack's device type 8 is not supported"),
            std::string::npos);
}

}  // namespace
}  // namespace pinfeed
