// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "pinfeed/core/file.h"
#include "pinfeed/formats/safetensors.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string plugin(const std::string& name) { return PINFEED_BINARY_DIR "/" + name + "_plugin.so"; }

void expect_error(const Outcome& outcome, int code, const std::string& message) {
  EXPECT_EQ(outcome.code, code);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, message);
}

// `pinfeed list all` with this plugin.
Outcome list(const std::string& path) {
  const TemporaryFolder folder;
  return program({"list", "all", "--plugin", path}, folder.path());
}

// Five shapes, listed in images.txt, and the config of examples/plugin.
class PluginExample : public ::testing::Test {
 protected:
  PluginExample() {
    EXPECT_EQ(run({"shapes", "shapes", "--size", "64", "--images", "5", "--val", "1"}).code, 0);
    std::string paths;
    for (int i = 0; i < 5; ++i) paths += "shapes/train/00000" + std::to_string(i) + ".jpg\n";
    folder_.write("images.txt", paths);
    text_ = read_text(PINFEED_SOURCE_DIR "/examples/plugin/config.py", ErrorKind::data);
    folder_.write("config.py", text_);
  }

  Outcome run(const std::vector<std::string>& arguments) const {
    return program(arguments, folder_.path());
  }
  // Runs `batches` with the config, in which one text is replaced.
  Outcome batches(const std::vector<std::string>& names, const std::string& from = "",
                  const std::string& to = "") const {
    std::string text = text_;
    folder_.write("config.py", text.replace(text.find(from), from.size(), to));
    std::vector<std::string> arguments = {"batches", "config.py"};
    for (const std::string& name : names) {
      arguments.insert(arguments.end(), {"--plugin", plugin(name)});
    }
    return run(arguments);
  }
  SafetensorsFile dumped() const {
    const Outcome outcome =
        run({"batches", "config.py", "--plugin", plugin("example"), "--dump", "d.safetensors"});
    EXPECT_EQ(outcome.err, "");
    return read_safetensors((folder_.path() / "d.safetensors").string());
  }

 private:
  TemporaryFolder folder_;
  std::string text_;
};

TEST_F(PluginExample, LoadsBatchesWithItsParts) {
  const Outcome outcome = batches({"example"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "0 0 4 48x48,48x48,48x48,48x48\n0 1 1 48x48\n");
}

TEST_F(PluginExample, UsesItsSamplerAndCollateFunction) {
  const SafetensorsFile file = dumped();
  ASSERT_NE(file.find("0.inputs"), nullptr);
  EXPECT_EQ(file.find("0.inputs")->shape, (Shape{4, 3, 48, 48}));
  ASSERT_EQ(file.metadata.size(), 5U);
  for (const auto& [name, text] : file.metadata) {
    const int position = name[0] == '0' ? name[2] - '0' : 4;
    EXPECT_THAT(text, HasSubstr("shapes/train/00000" + std::to_string(4 - position) + ".jpg"))
        << name;
  }
}

TEST_F(PluginExample, IsNeededByItsConfig) {
  expect_error(batches({}), 2,
               "error: there is no dataset 'ListedImages'\n"
               "  --> config.py:7:14\n"
               "   |         type='ListedImages',\n"
               "   |              ^^^^^^^^^^^^^^\n"
               "   at train_dataloader.dataset.type\n"
               "help: `pinfeed list dataset` shows them all\n");
}

TEST_F(PluginExample, HasItsKeysChecked) {
  EXPECT_THAT(batches({"example"}, "side=48", "side=0").err,
              HasSubstr("error: side is 0; it must be at least 1\n"));
  const std::vector<std::string> check = {"config", "config.py", "--check", "--plugin",
                                          plugin("example")};
  EXPECT_THAT(run(check).out, HasSubstr("not supported: side is 0; it must be at least 1\n"));
  (void)batches({"example"});  // restores the config
  EXPECT_THAT(run(check).out, Not(HasSubstr("not supported")));
  EXPECT_THAT(run({"config", "config.py", "--check"}).out,
              HasSubstr("not supported: there is no dataset 'ListedImages'"));
}

TEST_F(PluginExample, CountsTheIterationsOfASchedule) {
  const Outcome outcome =
      run({"lr", "config.py", "--plugin", plugin("example"), "--cfg-options",
           "train_cfg.by_epoch=True", "train_cfg.max_epochs=1", "optim_wrapper.optimizer.lr=1.0",
           "optim_wrapper.optimizer.type=SGD"});
  EXPECT_EQ(outcome.out, "iteration,epoch,lr\n0,0,1\n1,0,1\n") << outcome.err;
}

TEST_F(PluginExample, WorksWithOtherPlugins) {
  const Outcome outcome = batches({"throwing", "example"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(PluginExample, CannotBeLoadedTwice) {
  expect_error(batches({"example", "example"}), 2,
               "error: there is a transform 'CutMiddle' already\n"
               "  while adding the parts of the plugin " +
                   plugin("example") + "\nhelp: give it another name\n");
}

TEST_F(PluginExample, NamesAPartThatThrowsWhenItIsBuilt) {
  expect_error(batches({"example", "throwing"}, "'CutMiddle', side=48", "'ThrowsWhenMade'"), 2,
               "error: ThrowsWhenMade threw an exception: no licence\n"
               "  --> config.py:11:13\n"
               "   |             dict(type='ThrowsWhenMade'),\n"
               "   |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
               "   at train_dataloader.dataset.pipeline[1]\n");
}

TEST_F(PluginExample, NamesAPartThatThrowsWhenItRuns) {
  expect_error(batches({"example", "throwing"}, "'CutMiddle', side=48", "'ThrowsAtWork'"), 70,
               "error: ThrowsAtWork threw an exception: index 7 of 3\n"
               "  while ThrowsAtWork worked on shapes/train/000004.jpg\n"
               "  while loading sample 4\n"
               "  while filling batch 0 of epoch 0\n");
  expect_error(batches({"example", "throwing"}, "'CutMiddle', side=48", "'ThrowsAnInt'"), 70,
               "error: ThrowsAnInt threw an exception that is not a std::exception\n"
               "  while ThrowsAnInt worked on shapes/train/000004.jpg\n"
               "  while loading sample 4\n"
               "  while filling batch 0 of epoch 0\n");
  expect_error(batches({"example", "throwing"}, "images_only", "throws_in_layout"), 70,
               "error: throws_in_layout threw an exception: too long\n"
               "  while filling batch 0 of epoch 0\n");
}

TEST(Plugin, IsShownByList) {
  const Outcome outcome = list(plugin("example"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* part : {"  CutMiddle\n    Keeps a square in the middle of the image.\n",
                           "  ListedImages\n", "  BackwardSampler\n", "  images_only\n"}) {
    EXPECT_THAT(outcome.out, HasSubstr(part));
  }
  const TemporaryFolder folder;
  EXPECT_THAT(program({"list", "all"}, folder.path()).out, Not(HasSubstr("CutMiddle")));
}

const std::string what_it_is =
    "help: a plugin is a shared library that is linked with pinfeed::pinfeed 0.1.0\n";

TEST(Plugin, ThatIsMissingIsNamed) {
  expect_error(list("nowhere.so"), 2,
               "error: cannot open the plugin nowhere.so: cannot open shared object file: No such "
               "file or directory\n" +
                   what_it_is);
}

TEST(Plugin, MustBeASharedLibrary) {
  const TemporaryFolder folder;
  folder.write("parts.so", std::string(200, 'x'));
  expect_error(program({"list", "--plugin", "parts.so"}, folder.path()), 2,
               "error: cannot open the plugin parts.so: invalid ELF header\n" + what_it_is);
}

TEST(Plugin, MustHaveItsSymbols) {
  const std::string advice = "help: include \"pinfeed/plugin.h\" and define pinfeed_add_parts()\n";
  const std::string library = PINFEED_BINARY_DIR "/libpinfeed.so";
  expect_error(list(library), 2,
               "error: " + library +
                   " is not a pinfeed plugin: it has no pinfeed_plugin_version\n" + advice);
  expect_error(list(plugin("no_parts")), 2,
               "error: " + plugin("no_parts") +
                   " is not a pinfeed plugin: it has no pinfeed_add_parts\n" + advice);
}

TEST(Plugin, OfAnotherVersionIsRefused) {
  expect_error(list(plugin("other_version")), 2,
               "error: the plugin " + plugin("other_version") +
                   " is built against pinfeed 0.0.9; this is pinfeed 0.1.0\n"
                   "help: build the plugin again\n");
}

TEST(Plugin, CannotTakeANameThatIsTaken) {
  expect_error(list(plugin("taken_name")), 2,
               "error: there is a transform 'Resize' already\n"
               "  while adding the parts of the plugin " +
                   plugin("taken_name") + "\nhelp: give it another name\n");
}

TEST(Plugin, ThatThrowsIsNamed) {
  ::setenv("PINFEED_TEST_THROW", "1", 1);
  const Outcome outcome = list(plugin("throwing"));
  ::unsetenv("PINFEED_TEST_THROW");
  expect_error(outcome, 2,
               "error: the plugin " + plugin("throwing") + " threw an exception: not today\n");
}

}  // namespace
}  // namespace pinfeed::test
