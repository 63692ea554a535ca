// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/error_file.h"
#include "pinfeed/core/error.h"

namespace pinfeed::cli {
namespace {

// Wrong usage exits with 2, --help with 0.
int usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::fprintf(stderr, "error: %s\nhelp: `pinfeed COMMAND --help` shows its options\n",
               error.what());
  return exit_code(ErrorKind::config);
}

// CLI11 would only report that a subcommand is required.
void require_known_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const bool known = std::find(names.begin(), names.end(), word) != names.end();
  if (known || word.starts_with('-')) return;
  const std::string guess = nearest(word, names);
  throw Error(ErrorKind::config, "there is no command '" + word + "'")
      .help((guess.empty() ? "" : "did you mean '" + guess + "'? ") +
            "`pinfeed --help` shows them all");
}

// Memory that is refused and failed calls of the operating system are errors of the machine;
// everything else that is not an Error is a bug.
int other_failure(const std::exception& error) {
  std::fflush(stdout);
  const Error known = unexpected_error("pinfeed", error);
  write_error_file(known.what());
  if (known.kind() == ErrorKind::bug) {
    std::fprintf(stderr, "error: a bug in pinfeed: %s\n", error.what());
  } else {
    std::fputs(known.what(), stderr);
  }
  return exit_code(known.kind());
}

int run(int argc, char** argv) {
  CLI::App app(
      "pinfeed: loads the data of OpenMMLab configs, and trains detectors from some of them",
      "pinfeed");
  app.require_subcommand(1);
  bool quiet = false;
  app.add_flag("--quiet", quiet, "print no progress and no warnings on stderr");
  app.fallthrough();
  for (const auto add :
       {add_shapes, add_train, add_eval, add_test, add_predict, add_doctor, add_coco_eval,
        add_config, add_lr, add_batches, add_bench, add_cache, add_show, add_memory, add_collate,
        add_weights, add_list, add_new_config}) {
    add(app);
  }
  app.parse_complete_callback([&quiet] { set_quiet(quiet); });
  try {
    if (argc > 1) require_known_command(app, argv[1]);
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0)
      throw Error(ErrorKind::system, "cannot write: " + system_reason());
  } catch (const CLI::ParseError& error) {
    return usage(app, error);
  } catch (const Exit& end) {
    return end.code;
  } catch (const Error& error) {
    std::fflush(stdout);
    std::fputs(error.what(), stderr);
    write_error_file(error.what());
    return exit_code(error.kind());
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\nhelp: lower batch_size, or the size of the images\n", stderr);
    write_error_file("out of memory");
    return exit_code(ErrorKind::system);
  } catch (const std::exception& error) {
    return other_failure(error);
  }
  return 0;
}

}  // namespace
}  // namespace pinfeed::cli

int main(int argc, char** argv) { return pinfeed::cli::run(argc, argv); }
