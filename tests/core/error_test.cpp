// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

SourceSpan place_in(const std::string& text, int line, int column, int length) {
  return {std::make_shared<const SourceText>(SourceText{"configs/bccd.py", text}), line, column,
          length};
}

// The lines below the first one for a span in a text of one line.
std::string shown(const std::string& text, int column, int length) {
  const std::string message =
      Error(ErrorKind::config, "e").at(place_in(text, 1, column, length)).message();
  return message.substr(message.find("   | "));
}

TEST(Error, KeepsItsContextAsData) {
  Error error(ErrorKind::data, "JPEG ends early");
  error.with_context(FileContext{"b.jpg"}).with_context(StepContext{"Mosaic", "a.jpg"});
  error.with_context(StepContext{"CocoDataset", "a.jpg"}).with_context(SampleContext{3});
  error.with_context(AnnotationContext{7, "a worked on b.json"}).ends_at(12);
  EXPECT_EQ(error.find_context<FileContext>()->file, "b.jpg");
  EXPECT_EQ(error.find_context<StepContext>()->step, "Mosaic") << "the innermost one";
  EXPECT_EQ(error.find_context<SampleContext>()->index, 3);
  EXPECT_EQ(error.find_context<AnnotationContext>()->file, "a worked on b.json");
  EXPECT_EQ(error.find_context<BatchContext>(), nullptr);
  EXPECT_EQ(error.end(), std::optional<std::uint64_t>(12));
}

TEST(Error, CausedByTheOperatingSystemIsASystemError) {
  for (const int reason : {EMFILE, ENFILE, EIO, ENOMEM}) {
    errno = reason;
    EXPECT_EQ(read_failure_kind(), ErrorKind::system) << reason;
  }
  for (const int reason : {ENOENT, EACCES, EISDIR, ELOOP, ENAMETOOLONG}) {
    errno = reason;
    EXPECT_EQ(read_failure_kind(), ErrorKind::data) << reason;
  }
}

TEST(Error, OfAnExceptionThatIsNoErrorHasTheKindOfItsCause) {
  EXPECT_EQ(unexpected_error("Resize", std::bad_alloc()).kind(), ErrorKind::system);
  EXPECT_EQ(unexpected_error("Resize", std::system_error(EIO, std::generic_category())).kind(),
            ErrorKind::system);
  const Error bug = unexpected_error("Resize", std::runtime_error("no licence"));
  EXPECT_EQ(bug.kind(), ErrorKind::bug);
  EXPECT_EQ(bug.text(), "Resize threw an exception: no licence");
}

TEST(Error, IsOneLineAtLeast) {
  const Error error(ErrorKind::data, "JPEG ends early: 231 of 480 rows");
  EXPECT_EQ(error.message(), "error: JPEG ends early: 231 of 480 rows\n");
  EXPECT_STREQ(error.what(), error.message().c_str());
  EXPECT_EQ(error.text(), "JPEG ends early: 231 of 480 rows");
}

TEST(Error, ShowsTheSpanThePathAndTheHelp) {
  Error error(ErrorKind::config, "Resize has no key 'keep_ration'");
  error.at(place_in("a = 1\n    dict(type='Resize', keep_ration=True),\n", 2, 25, 11))
      .inside("train_dataloader.dataset.pipeline[2].keep_ration")
      .help("did you mean 'keep_ratio'?");
  EXPECT_EQ(error.message(),
            "error: Resize has no key 'keep_ration'\n"
            "  --> configs/bccd.py:2:25\n"
            "   |     dict(type='Resize', keep_ration=True),\n"
            "   |                         ^^^^^^^^^^^\n"
            "   at train_dataloader.dataset.pipeline[2].keep_ration\n"
            "help: did you mean 'keep_ratio'?\n");
}

TEST(Error, ShowsTheContextInnermostFirst) {
  Error error(ErrorKind::data, "JPEG ends early");
  error.with_context(StepContext{"LoadImageFromFile", "a.jpg"}).with_context(SampleContext{48213});
  error.with_context(BatchContext{753, 2}).help("check the file");
  EXPECT_EQ(error.message(),
            "error: JPEG ends early\n"
            "  while LoadImageFromFile worked on a.jpg\n"
            "  while loading sample 48213\n"
            "  while filling batch 753 of epoch 2\n"
            "help: check the file\n");
}

TEST(Error, KeepsTheFirstSpanPathAndHelp) {
  Error error(ErrorKind::config, "e");
  error.at({}).at(place_in("first", 1, 1, 5)).at(place_in("second", 1, 1, 6));
  error.inside("first").inside("second").help("first").help("second");
  EXPECT_EQ(
      error.message(),
      "error: e\n  --> configs/bccd.py:1:1\n   | first\n   | ^^^^^\n   at first\nhelp: first\n");
}

TEST(Error, PutsTheCaretsUnderCharactersNotBytes) {
  EXPECT_EQ(shown("größe = 'groß', x", 9, 6), "   | größe = 'groß', x\n   |         ^^^^^^\n");
}

TEST(Error, KeepsTabsAboveAndBelow) {
  EXPECT_EQ(shown("\tdict(\ta=1)", 8, 1), "   | \tdict(\ta=1)\n   | \t     \t^\n");
}

TEST(Error, UnderlinesNoFurtherThanTheLine) {
  EXPECT_EQ(shown("ab = [", 6, 40), "   | ab = [\n   |      ^\n");
  EXPECT_EQ(shown("", 1, 3), "   | \n   | ^\n");
}

TEST(Error, LeavesOutCarriageReturns) {
  EXPECT_EQ(shown("a = 1\r\nb = 2\r\n", 1, 1), "   | a = 1\n   | ^\n");
}

TEST(Error, ShortensALongLineAroundTheSpan) {
  const std::string many(1000, 'x');
  EXPECT_EQ(shown(many + "é!" + many, 1001, 2), "   | ..." + std::string(60, 'x') + "é!" +
                                                    std::string(58, 'x') + "...\n" + "   | " +
                                                    std::string(63, ' ') + "^^\n");
  EXPECT_EQ(shown("!" + many, 1, 1), "   | !" + std::string(119, 'x') + "...\n   | ^\n");
  EXPECT_EQ(shown(many + "!", 1001, 1),
            "   | ..." + std::string(60, 'x') + "!\n   | " + std::string(63, ' ') + "^\n");
  EXPECT_EQ(shown(std::string(200, 'x'), 1, 1), "   | " + std::string(200, 'x') + "\n   | ^\n");
}

TEST(LineOf, IsEmptyBeyondTheText) {
  EXPECT_EQ(line_of(place_in("one\ntwo", 2, 1, 1)), "two");
  EXPECT_EQ(line_of(place_in("one\ntwo", 9, 1, 1)), "");
  EXPECT_EQ(line_of({}), "");
}

TEST(ExitCode, FollowsTheKind) {
  EXPECT_EQ(exit_code(ErrorKind::config), 2);
  EXPECT_EQ(exit_code(ErrorKind::data), 3);
  EXPECT_EQ(exit_code(ErrorKind::device), 4);
  EXPECT_EQ(exit_code(ErrorKind::system), 5);
  EXPECT_EQ(exit_code(ErrorKind::interrupted), 130);
  EXPECT_EQ(exit_code(ErrorKind::bug), 70);
}

TEST(Nearest, FindsTheNearestName) {
  const std::vector<std::string> known = {"scale", "scale_factor", "keep_ratio", "interpolation"};
  EXPECT_EQ(nearest("keep_ration", known), "keep_ratio");
  EXPECT_EQ(nearest("scal", known), "scale");
  EXPECT_EQ(nearest("interpolatoin", known), "interpolation");
  EXPECT_EQ(nearest("colour", known), "");
}

TEST(Nearest, RefusesANameWithNothingInCommon) { EXPECT_EQ(nearest("x", {"ab"}), ""); }

TEST(Joined, PutsCommasBetween) {
  EXPECT_EQ(joined({}), "");
  EXPECT_EQ(joined({"a"}), "a");
  EXPECT_EQ(joined({"a", "b", "c"}), "a, b, c");
}

TEST(SystemReason, IsInWords) {
  errno = ENOSPC;
  EXPECT_EQ(system_reason(), "No space left on device");
}

TEST(SystemCall, IsRepeatedWhenASignalInterruptsIt) {
  int calls = 0;
  const auto interrupted_twice = [&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 7;
  };
  EXPECT_EQ(retried(interrupted_twice), 7);
  EXPECT_EQ(calls, 3);
  const auto failing = [&] {
    errno = EIO;
    return ++calls, -1;
  };
  EXPECT_EQ(retried(failing), -1);
  EXPECT_EQ(calls, 4);
}

TEST(SystemCall, ThatFailsHasTheKindOfItsCause) {
  errno = ENOENT;
  EXPECT_EQ(failed_call("read", "a", ErrorKind::data).message(),
            "error: cannot read a: No such file or directory\n");
  errno = EMFILE;
  EXPECT_EQ(failed_call("read", "a", ErrorKind::data).kind(), ErrorKind::system);
}

}  // namespace
}  // namespace pinfeed
