// SPDX-License-Identifier: Apache-2.0
// Batches go to torch and back by DLPack, without a copy.
#include "pinfeed/memory/dlpack.h"

#include <ATen/DLConvertor.h>
#include <gtest/gtest.h>

#include "pinfeed/models/torch_tensor.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

Loader loader_with(int slots) {
  return {windows(), shuffled(), stacked(), PlanRules{.batch_size = 4},
          LoaderLimits{.threads = 1, .slots = slots, .slot_timeout = std::chrono::seconds(0)}};
}

const Tensor& inputs_of(const Batch& batch) { return *batch.data().find("inputs")->as<Tensor>(); }

TEST(DlpackWithTorch, TakesABatchWithoutACopy) {
  Loader loader = loader_with(2);
  const auto batch = std::make_shared<Batch>(std::move(*loader.next()));
  const Tensor& ours = inputs_of(*batch);
  const at::Tensor theirs = at::fromDLPack(to_dlpack(ours, batch));
  EXPECT_EQ(theirs.data_ptr(), static_cast<void*>(ours.data()));
  EXPECT_EQ(theirs.sizes(), (std::vector<std::int64_t>{4, 3, 16, 16}));
  EXPECT_EQ(theirs.strides(), (std::vector<std::int64_t>{768, 1, 48, 3}));
  EXPECT_TRUE(at::equal(theirs, to_torch(ours)));
}

TEST(DlpackWithTorch, ATensorKeepsItsSlot) {
  Loader loader = loader_with(1);
  at::Tensor kept;
  at::Tensor copy;
  {
    const auto batch = std::make_shared<Batch>(std::move(*loader.next()));
    kept = at::fromDLPack(to_dlpack(inputs_of(*batch), batch));
    copy = kept.clone();
  }
  EXPECT_THROW(loader.next(), Error);  // the only slot is in use
  EXPECT_TRUE(at::equal(kept, copy));
  kept.reset();
  EXPECT_TRUE(loader.next());
}

TEST(DlpackWithTorch, GivesATensorOfTorchWithoutACopy) {
  at::Tensor theirs = at::arange(24, at::kFloat).view({2, 3, 4}).transpose(0, 2);
  const void* bytes = theirs.data_ptr();
  const Tensor ours = from_dlpack(at::toDLPack(theirs));
  theirs.reset();
  EXPECT_EQ(ours.data(), bytes);
  EXPECT_EQ(ours.dtype, DType::float32);
  EXPECT_EQ(ours.shape, (Shape{4, 3, 2}));
  EXPECT_EQ(ours.strides, (Shape{1, 4, 12}));
  EXPECT_EQ(contiguous(ours).data_as<float>()[1], 12.0F);
}

TEST(DlpackWithTorch, ConvertsEveryDtypeInBothDirections) {
  for (const DType dtype : {DType::uint8, DType::int16, DType::int32, DType::int64, DType::float16,
                            DType::float32, DType::float64, DType::bfloat16}) {
    const at::Tensor theirs = at::fromDLPack(to_dlpack(Tensor::empty(dtype, {3, 2})));
    EXPECT_EQ(theirs.scalar_type(), torch_dtype(dtype)) << name_of(dtype);
    EXPECT_EQ(from_dlpack(at::toDLPack(theirs)).dtype, dtype) << name_of(dtype);
  }
}

}  // namespace
}  // namespace pinfeed
