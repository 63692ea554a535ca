// SPDX-License-Identifier: Apache-2.0
// Trainings whose terminal is closed, or whose log nobody reads any more.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

class TrainSignals : public Train {
 protected:
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (log_ != nullptr) std::fclose(log_);
  }

  // Trains for so many epochs in a child, whose stderr goes to a pipe.
  void start(const std::string& epochs, bool nohup) {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    const std::string option = "train_cfg.max_epochs=" + epochs;
    child_ = ::fork();
    if (child_ == 0) {
      ::signal(SIGHUP, nohup ? SIG_IGN : SIG_DFL);
      ::dup2(ends[1], STDERR_FILENO);
      ::close(ends[0]);
      if (::chdir(folder_.path().c_str()) != 0) std::_Exit(127);
      ::execl(PINFEED_BINARY_DIR "/pinfeed", "pinfeed", "train", "tiny.py", "--work-dir", "out",
              "--cfg-options", option.c_str(), static_cast<char*>(nullptr));
      std::_Exit(127);
    }
    ::close(ends[1]);
    log_ = ::fdopen(ends[0], "r");
    char line[1024] = {};
    while (std::fgets(line, sizeof line, log_) != nullptr) {
      if (std::string(line).find("Epoch(train)") != std::string::npos) return;
    }
    FAIL() << "no iteration";
  }

  void stop_reading() {
    std::fclose(log_);
    log_ = nullptr;
  }

  int exit_status() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  ::pid_t child_ = -1;
  FILE* log_ = nullptr;
};

TEST_F(TrainSignals, DeadReaderOfTheLogDoesNotEndTheRun) {
  start("2", false);
  stop_reading();
  EXPECT_EQ(exit_status(), 0);
  EXPECT_TRUE(has("out/epoch_2.safetensors"));
}

// A closed terminal takes the log away too, and may send the signal more than once.
TEST_F(TrainSignals, HangupSavesACheckpoint) {
  start("100000", false);
  stop_reading();
  ::kill(child_, SIGHUP);
  ::kill(child_, SIGHUP);
  EXPECT_EQ(exit_status(), 130);
  const Outcome resumed = run({"train", "tiny.py", "--work-dir", "out", "--resume", "--cfg-options",
                               "train_cfg.max_epochs=1"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resumed from out/iter_"), std::string::npos) << resumed.err;
}

TEST_F(TrainSignals, HangupUnderNohupIsIgnored) {
  start("2", true);
  ::kill(child_, SIGHUP);
  while (std::fgetc(log_) != EOF) continue;
  EXPECT_EQ(exit_status(), 0);
  EXPECT_TRUE(has("out/epoch_2.safetensors"));
}

}  // namespace
}  // namespace pinfeed::test
