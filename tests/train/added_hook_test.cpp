// SPDX-License-Identifier: Apache-2.0
// Hooks that a program adds.
#include <gmock/gmock.h>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/schemas/training_list.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

// A hook of a program.
struct CountingHook {
  static constexpr auto name = "CountingHook";
  static constexpr int default_priority = 65;
  std::int64_t step = 1;
};
void describe(Schema<CountingHook>& schema) {
  schema.summary("Counts.").optional("step", &CountingHook::step, "what is added", at_least(1));
}
class Counting : public Hook {
 public:
  explicit Counting(const CountingHook& params) : step_(params.step) {}
  void after_train_iter(Runner&, const ModelInput&, const StepResult&) override { sum += step_; }
  static inline std::int64_t sum = 0;

 private:
  std::int64_t step_;
};
std::unique_ptr<Hook> make_hook(const CountingHook& params) {
  return std::make_unique<Counting>(params);
}

HookCatalog added_hooks() {
  HookCatalog hooks;
  hooks.add<CountingHook>();
  return hooks;
}

TEST(AddedHook, TakesPartInTheTraining) {
  const Value config =
      read_config_text("custom_hooks = [dict(type='CountingHook', step=2)]", "config.py").root;
  const Hooks hooks = read_hooks(config, added_hooks());
  ASSERT_EQ(hooks.list.size(), 6U);
  EXPECT_EQ(std::get<AddedHook>(hooks.list[3].params).name, "CountingHook");  // after the logger
  TestRun run;
  Trainer trainer(parts(settings), make_hooks(hooks), run.log);
  Counting::sum = 0;
  trainer.run();
  EXPECT_EQ(Counting::sum, 2 * 3 * epoch_length);
}

TEST(AddedHook, HasAPriorityAndCheckedKeys) {
  const auto read = [](const std::string& text) {
    return read_hooks(read_config_text(text, "config.py").root, added_hooks());
  };
  EXPECT_EQ(
      read("custom_hooks = [dict(type='CountingHook', priority='LOWEST')]").list.back().priority,
      100);
  EXPECT_THAT(failure_of([&] { read("custom_hooks = [dict(type='CountingHook', priority=200)]"); }),
              testing::HasSubstr("priority is 200; it must be from 0 to 100"));
  EXPECT_THAT(failure_of([&] { read("custom_hooks = [dict(type='CountingHook', step=0)]"); }),
              testing::HasSubstr("step is 0; it must be at least 1"));
  EXPECT_THAT(failure_of([&] { read("custom_hooks = [dict(type='CountinHook')]"); }),
              testing::HasSubstr("CountingHook"));
}

TEST(AddedHook, HasANameOfItsOwn) {
  Catalogs catalogs;
  catalogs.hooks = added_hooks();
  EXPECT_NO_THROW(check_added_names(catalogs));
  catalogs.hooks.add_schema(Schema<CountingHook>("EMAHook"),
                            [](const CountingHook&, NoContext) { return AddedHook(); });
  EXPECT_EQ(failure_of([&] { check_added_names(catalogs); }),
            "error: there is a hook 'EMAHook' already\nhelp: give it another name\n");
}

}  // namespace
}  // namespace pinfeed
