// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/torch_device.h"

#include <gtest/gtest.h>

#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

std::string refusal(const std::string& word, int count) {
  return failure_of([&] { named_device(word, count); });
}

TEST(Device, HasAName) {
  EXPECT_EQ(named_device("auto", 0), torch::Device("cpu"));
  EXPECT_EQ(named_device("auto", 2), torch::Device("cuda:0"));
  EXPECT_EQ(named_device("cpu", 2), torch::Device("cpu"));
  EXPECT_EQ(named_device("cuda", 1), torch::Device("cuda:0"));
  EXPECT_EQ(named_device("cuda:1", 2), torch::Device("cuda:1"));
}

TEST(Device, ThatDoesNotExistIsRefusedWithTheNumberOfDevices) {
  EXPECT_EQ(refusal("cuda:0", 0),
            "error: --device cuda:0: torch finds no CUDA device\n"
            "help: use --device cpu, or a torch that was built for CUDA\n");
  EXPECT_EQ(refusal("cuda:1", 1),
            "error: --device cuda:1: torch finds 1 CUDA device\n"
            "help: use --device cuda:0\n");
  EXPECT_EQ(refusal("cuda:7", 4),
            "error: --device cuda:7: torch finds 4 CUDA devices\n"
            "help: use --device cuda:0 to cuda:3\n");
}

TEST(Device, OfAnUnknownNameIsRefused) {
  for (const char* word : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda0", "cuda:1:2", ""}) {
    EXPECT_EQ(refusal(word, 4), std::string("error: --device is '") + word +
                                    "'; it must be auto, cpu, cuda or cuda:N\n");
  }
}

// Fails like a device that is gone, at the third iteration of the second epoch.
template <class Failure>
void fail_at_the_eighth(LineModel& model, Failure failure) {
  model.on_step = [failure, step = 0]() mutable {
    if (++step == 8) throw failure;
  };
}

c10::Error illegal_access() {
  return {{__func__, __FILE__, __LINE__},
          "CUDA error: an illegal memory access was encountered\n"
          "CUDA kernel errors might be asynchronously reported at some other API call"};
}

TEST(DeviceLost, NamesTheNewestCheckpointAndTheCommandToResume) {
  TestRun run;
  fail_at_the_eighth(run.model(), illegal_access());
  EXPECT_EQ(
      failure_of([&] { run.trainer.run(); }),
      "error: the device failed after iteration 7 of 15: CUDA error: an illegal memory access "
      "was encountered\n"
      "help: resume from " +
          (run.folder / "epoch_1.safetensors") + " with: pinfeed train config.py --resume\n");
}

TEST(DeviceLost, IsAnErrorOfTheDevice) {
  TestRun run;
  fail_at_the_eighth(run.model(), illegal_access());
  try {
    run.trainer.run();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(exit_code(error.kind()), 4);
  }
}

TEST(DeviceLost, KeepsACheckpointThatResumesToTheBit) {
  TestRun first;
  Error of_the_seam(ErrorKind::device,
                    "CUDA could not copy 4096 bytes: unspecified launch failure");
  fail_at_the_eighth(first.model(), of_the_seam.with_context(BatchContext{2, 1}));
  EXPECT_EQ(failure_of([&] { first.trainer.run(); }),
            "error: the device failed after iteration 7 of 15: CUDA could not copy 4096 bytes: "
            "unspecified launch failure\n"
            "  while filling batch 2 of epoch 1\n"
            "help: resume from " +
                (first.folder / "epoch_1.safetensors") +
                " with: pinfeed train config.py --resume\n");
  TestRun second(settings, first.folder.path());
  second.trainer.resume(*last_checkpoint(first.folder.path()));
  second.trainer.run();
  EXPECT_EQ(second.weights(), weights_after(settings));
}

TEST(DeviceLost, BeforeTheFirstCheckpointSaysSo) {
  TestRun run;
  run.model().on_step = [] {
    throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "Tried to allocate 2.00 GiB.");
  };
  EXPECT_EQ(failure_of([&] { run.trainer.run(); }),
            "error: the device failed after iteration 0 of 15: the device is out of memory: Tried "
            "to allocate 2.00 GiB.\n"
            "help: lower batch_size, or the size of the images; no checkpoint has been written; "
            "start again with: pinfeed train config.py --resume\n");
}

TEST(DeviceLost, DoesNotChangeOtherErrorsOfTorch) {
  TestRun run;
  run.model().on_step = [] { TORCH_CHECK(false, "shapes differ"); };
  EXPECT_THROW(run.trainer.run(), c10::Error);
}

}  // namespace
}  // namespace pinfeed
