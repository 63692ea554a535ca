// SPDX-License-Identifier: Apache-2.0
// The ranks of `--nproc N` are children of this process. Each is this program with the same
// arguments and with the variables of torchrun in its environment. Rank 0 inherits a socket that
// listens already, so no other process can take its port. Each rank is a process group of its own:
// Ctrl-C in a terminal reaches this process only, which forwards it once.
#include "pinfeed/cli/rank_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>
#include <vector>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/schemas/distributed_schema.h"

namespace pinfeed::cli {
namespace {

constexpr auto marker = "PINFEED_NPROC";  // in the environment of the ranks
constexpr int signal_exit = 128;          // added to the number of a signal, as shells do
constexpr double patience = 60.0;         // seconds

Error failed_call(const std::string& what) {
  return {ErrorKind::system, "cannot " + what + ": " + system_reason()};
}

struct Listening {
  FileDescriptor socket = {};
  int port = 0;
};

Listening listening_socket() {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* start = reinterpret_cast<sockaddr*>(&address);
  if (!socket.open() || bind(socket.number(), start, size) != 0 ||
      listen(socket.number(), SOMAXCONN) != 0 || getsockname(socket.number(), start, &size) != 0)
    throw failed_call("listen on a port of this machine");
  return {std::move(socket), ntohs(address.sin_port)};
}

void set_number(const char* name, int value) { setenv(name, std::to_string(value).c_str(), 1); }

// In the child.
void set_environment(int rank, int nproc, const Listening& listening) {
  set_number("RANK", rank);
  set_number("LOCAL_RANK", rank);
  set_number("WORLD_SIZE", nproc);
  set_number("LOCAL_WORLD_SIZE", nproc);
  setenv("MASTER_ADDR", "127.0.0.1", 1);
  set_number("MASTER_PORT", listening.port);
  set_number("PINFEED_MASTER_FD", listening.socket.number());
  set_number(marker, nproc);
  unsetenv("TORCHELASTIC_USE_AGENT_STORE");  // rank 0 serves the store
}

// The words of this command.
std::vector<std::string> own_arguments() {
  const std::string text = read_text("/proc/self/cmdline", ErrorKind::system);
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\0', begin);
    words.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return words;
}

// `errors` is where a later rank writes its messages.
[[noreturn]] void become_rank(int rank, int nproc, const Listening& listening, int errors,
                              pid_t parent, std::vector<std::string> words) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(exit_code(ErrorKind::interrupted));
  set_environment(rank, nproc, listening);
  if (rank > 0) {
    fcntl(listening.socket.number(), F_SETFD, FD_CLOEXEC);
    dup2(errors, STDERR_FILENO);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv("/proc/self/exe", arguments.data());
  _exit(exit_code(ErrorKind::system));
}

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : signal_exit + WTERMSIG(status);
}

struct RankProcess {
  pid_t process = 0;
  FileDescriptor errors = {};  // a file in memory with the messages of a later rank
  bool runs = true;
  int code = 0;  // when it has ended
};

// The processes by rank, and which one failed first.
class RankProcesses {
 public:
  void add(RankProcess process) { ranks_.push_back(std::move(process)); }

  void send(int signal) const {
    for (const RankProcess& rank : ranks_)
      if (rank.runs) kill(rank.process, signal);
  }

  // Takes back the ranks that have ended.
  void collect() {
    for (RankProcess& rank : ranks_) {
      int status = 0;
      if (!rank.runs || waitpid(rank.process, &status, WNOHANG) <= 0) continue;
      rank.runs = false;
      rank.code = code_of(status);
      if (rank.code == 0 || first_failed_ != nullptr) continue;
      first_failed_ = &rank;
      failed_at_ = clock_seconds();
    }
  }
  bool any() const {
    return std::any_of(ranks_.begin(), ranks_.end(),
                       [](const RankProcess& rank) { return rank.runs; });
  }
  bool out_of_patience() const {
    return first_failed_ != nullptr && clock_seconds() - failed_at_ > patience;
  }
  int failure() const { return first_failed_ == nullptr ? 0 : first_failed_->code; }

  // The messages of the rank that failed first, unless rank 0 has failed in the same way.
  void show_failure() const {
    if (first_failed_ == nullptr || first_failed_->code == ranks_.front().code) return;
    lseek(first_failed_->errors.number(), 0, SEEK_SET);
    std::array<char, 4096> text = {};
    for (ssize_t size = 0;
         (size = read(first_failed_->errors.number(), text.data(), text.size())) > 0;)
      std::fwrite(text.data(), 1, static_cast<std::size_t>(size), stderr);
  }

 private:
  std::deque<RankProcess> ranks_ = {};
  const RankProcess* first_failed_ = nullptr;
  double failed_at_ = 0.0;
};

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  return signals;
}

void wait_for(RankProcesses& ranks, const sigset_t& signals) {
  const timespec second = {1, 0};
  while (ranks.any()) {
    const int signal = sigtimedwait(&signals, nullptr, &second);
    if (signal > 0 && signal != SIGCHLD) ranks.send(signal);
    ranks.collect();
    if (ranks.out_of_patience()) ranks.send(SIGKILL);
  }
}

}  // namespace

Ranks LauncherArguments::ranks(const Value& config) const {
  if (std::getenv(marker) != nullptr) return find_ranks("pytorch", process_environment());
  return find_ranks(launcher.empty() ? launcher_of(config) : launcher, process_environment());
}

void add_launcher_option(CLI::App& command, LauncherArguments& arguments) {
  command
      .add_option("--launcher", arguments.launcher,
                  "auto, none, pytorch, slurm or mpi: who has started the processes that work "
                  "together (default: that of the config, else auto)")
      ->check(CLI::IsMember({"auto", "none", "pytorch", "slurm", "mpi"}));
}

void add_nproc_option(CLI::App& command, int& nproc) {
  command
      .add_option("--nproc", nproc, "start so many processes on this machine that work together")
      ->check(in_range(1, 1024));
}

void run_as_ranks(int nproc) {
  if (nproc == 0 || std::getenv(marker) != nullptr) return;
  const Ranks outer = find_ranks("auto", process_environment());
  if (outer.several()) {
    throw Error(ErrorKind::config,
                fmt::format("--nproc is {}, and this process is {}, started by {}", nproc,
                            outer.text(), outer.launcher))
        .help("remove --nproc");
  }
  const sigset_t signals = handled_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, the system takes the ranks back itself
  const Listening listening = listening_socket();
  const std::vector<std::string> words = own_arguments();
  const pid_t parent = getpid();
  RankProcesses ranks;
  for (int rank = 0; rank < nproc; ++rank) {
    FileDescriptor errors(rank == 0 ? -1 : memfd_create("messages of a rank", MFD_CLOEXEC));
    const pid_t process = fork();
    if (process == 0) become_rank(rank, nproc, listening, errors.number(), parent, words);
    if (process < 0) {
      const Error failure = failed_call("start a process");
      ranks.send(SIGKILL);
      throw Error(failure);
    }
    ranks.add({.process = process, .errors = std::move(errors)});
  }
  wait_for(ranks, signals);
  ranks.show_failure();
  throw Exit{ranks.failure()};
}

void print_as_rank(const Ranks& ranks) {
  if (ranks.rank == 0) return;
  set_quiet(true);
  const FileDescriptor nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere.open()) dup2(nowhere.number(), STDOUT_FILENO);
}

}  // namespace pinfeed::cli
