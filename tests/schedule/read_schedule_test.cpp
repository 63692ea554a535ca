// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/read_schedule.h"

#include "tests/schedule/scheduler_cases.h"

namespace pinfeed {
namespace {

TEST(ReadSchedulers, TakesNoneADictionaryOrAList) {
  const Value linear = dict({{"type", "LinearLR"}});
  EXPECT_EQ(read_schedulers(dict({}), {}).size(), 0U);
  EXPECT_EQ(read_schedulers(with_scheduler({}), {}).size(), 0U);
  EXPECT_EQ(read_schedulers(with_scheduler(linear), {}).size(), 1U);
  EXPECT_EQ(read_schedulers(with_scheduler(List{{linear, linear}}), {}).size(), 2U);
}

TEST(ReadSchedulers, EndsWithTheTrainingByDefault) {
  const auto end = [](std::vector<std::pair<std::string, Value>> entries,
                      const TrainLength& length) {
    entries.emplace_back("type", "LinearLR");
    return read_schedulers(with_scheduler(dict(std::move(entries))), length)[0].end;
  };
  EXPECT_EQ(end({}, ten_epochs_of_five), 10);
  EXPECT_EQ(end({{"by_epoch", false}}, ten_epochs_of_five), 50);
  EXPECT_EQ(end({{"convert_to_iter_based", true}}, ten_epochs_of_five), 50);
  const TrainLength iteration_loop = {.by_epoch = false, .max_iters = 7, .epoch_length = 5};
  EXPECT_EQ(end({}, iteration_loop), 1);
  EXPECT_EQ(end({{"by_epoch", false}}, iteration_loop), 7);
  EXPECT_EQ(end({{"convert_to_iter_based", true}}, iteration_loop), 5);
}

TEST(ReadSchedulers, TruncatesConvertedWindowsToWholeIterations) {
  const std::vector<Stage> stages =
      read_schedulers(with_scheduler(dict({{"type", "mmdet.CosineAnnealingLR"},
                                           {"_scope_", "mmdet"},
                                           {"begin", 0.5},
                                           {"end", 1.3},
                                           {"convert_to_iter_based", true}})),
                      ten_epochs_of_five);
  EXPECT_EQ(stages[0].begin, 2);
  EXPECT_EQ(stages[0].end, 6);
  EXPECT_FALSE(stages[0].by_epoch);
}

TEST(ReadSchedulers, NamesAnUnknownType) {
  EXPECT_EQ(failure(with_scheduler(List{{dict({{"type", "CosineAnealingLR"}})}})),
            "error: there is no scheduler 'CosineAnealingLR'\n"
            "   at param_scheduler[0].type\n"
            "help: did you mean 'CosineAnnealingLR'? `pinfeed list scheduler` shows them all\n");
}

TEST(ReadSchedulers, WantsAType) {
  EXPECT_EQ(scheduler_failure({{"milestones", List{}}}),
            "error: a part needs the key 'type'\n"
            "   at param_scheduler\n");
}

TEST(ReadSchedulers, NamesAnUnknownKeyWithTheKeysThereAre) {
  EXPECT_EQ(scheduler_failure({{"type", "LinearLR"}, {"start_facter", 0.1}}),
            "error: LinearLR has no key 'start_facter'\n"
            "   at param_scheduler.start_facter\n"
            "help: did you mean 'start_factor'? LinearLR takes: start_factor, end_factor, begin, "
            "end, by_epoch, convert_to_iter_based, last_step, verbose\n");
}

TEST(ReadSchedulers, WantsFactorsBetweenZeroAndOne) {
  EXPECT_EQ(scheduler_failure({{"type", "ConstantLR"}, {"factor", 1.5}}),
            "error: factor is 1.5; it must be between 0 and 1\n"
            "   at param_scheduler.factor\n");
}

TEST(ReadSchedulers, RefusesAFactorThatWouldDivideByZero) {
  EXPECT_EQ(scheduler_failure({{"type", "LinearLR"}, {"start_factor", 0}}),
            "error: start_factor is 0: the rule divides by it at the second step of the window\n"
            "   at param_scheduler\n"
            "help: use a small start_factor, such as 1e-6\n");
  EXPECT_EQ(scheduler_failure({{"type", "ConstantLR"}, {"factor", 0.0}}),
            "error: factor is 0: the rule divides by it at the last step of the window\n"
            "   at param_scheduler\n"
            "help: end the window after one step, or use a small factor\n");
}

TEST(ReadSchedulers, WantsMilestones) {
  EXPECT_EQ(scheduler_failure({{"type", "MultiStepLR"}}),
            "error: MultiStepLR needs the key 'milestones'\n"
            "   at param_scheduler\n"
            "help: milestones: list of float, steps, counted from begin\n");
}

TEST(ReadSchedulers, WantsOneLowestValue) {
  EXPECT_EQ(
      scheduler_failure({{"type", "CosineAnnealingLR"}, {"eta_min", 0}, {"eta_min_ratio", 0.1}}),
      "error: eta_min and eta_min_ratio are both given\n"
      "   at param_scheduler\n"
      "help: keep one of them\n");
}

TEST(ReadSchedulers, RefusesAnEmptyWindow) {
  EXPECT_EQ(scheduler_failure({{"type", "LinearLR"}, {"begin", 5}, {"end", 5}}),
            "error: the window is empty: end is 5.0, begin is 5.0\n"
            "   at param_scheduler\n"
            "help: end must be greater than begin, in epochs\n");
}

TEST(ReadSchedulers, ConvertsOnlyEpochs) {
  EXPECT_EQ(scheduler_failure(
                {{"type", "LinearLR"}, {"by_epoch", false}, {"convert_to_iter_based", true}}),
            "error: convert_to_iter_based needs by_epoch=True: there is nothing to convert\n"
            "   at param_scheduler\n"
            "help: drop convert_to_iter_based; begin and end count iterations already\n");
}

TEST(ReadSchedulers, SaysHowToGiveTheLengthOfAnEpoch) {
  EXPECT_EQ(failure(with_scheduler(dict({{"type", "LinearLR"}, {"convert_to_iter_based", true}})),
                    {.max_epochs = 10}),
            "error: convert_to_iter_based needs the number of batches of an epoch\n"
            "   at param_scheduler\n"
            "help: give --epoch-length N\n");
}

TEST(ReadSchedulers, NamesTheParametersThatCanBeScheduled) {
  EXPECT_EQ(scheduler_failure({{"type", "LinearParamScheduler"}, {"param_name", "betas"}}),
            "error: param_name is 'betas', which is not scheduled here\n"
            "   at param_scheduler\n"
            "help: param_name can be lr, momentum or weight_decay\n");
}

TEST(SchedulerDocs, ExplainEachKey) {
  const std::vector<PartDoc> docs = scheduler_docs();
  // Three names each, but OneCycle has two and CosineAnnealingWeightDecay one; and two hooks.
  EXPECT_EQ(docs.size(), 3 * std::tuple_size_v<BuiltinSchedulers> - 3 + 2);
  for (const PartDoc& doc : docs) {
    EXPECT_FALSE(doc.summary.empty()) << doc.name;
    for (const KeyDoc& key : doc.keys) EXPECT_FALSE(key.meaning.empty()) << doc.name << key.name;
  }
}

TEST(ReadSchedulers, RefusesACycleThatEndsBeforeTheTraining) {
  EXPECT_EQ(scheduler_failure({{"type", "OneCycleLR"}, {"eta_max", 0.1}, {"total_steps", 5}}),
            "error: OneCycleLR has 5.0 steps; the training needs step 9.0\n"
            "   at param_scheduler\n"
            "help: set total_steps to the steps of the window, or end the window earlier\n");
}

// OpenMMLab would use the levels of the second cycle for the first one too.
TEST(ReadSchedulers, RefusesTwoCyclesOfDifferentLevels) {
  const auto cycle = [](double eta_max, int begin) {
    return dict(
        {{"type", "OneCycleLR"}, {"eta_max", eta_max}, {"begin", begin}, {"end", begin + 5}});
  };
  EXPECT_EQ(failure(with_scheduler(List{{cycle(0.1, 0), cycle(0.1, 5)}})), "no error");
  EXPECT_EQ(failure(with_scheduler(List{{cycle(0.1, 0), cycle(0.2, 5)}})),
            "error: OneCycleLR has other levels than the previous cycle\n"
            "   at param_scheduler[1]\n"
            "help: give both the same eta_max, div_factor and final_div_factor: OpenMMLab uses "
            "those of the last cycle for all\n");
}

TEST(ReadSchedulers, TakesTheHooksOfMmyoloInstead) {
  const Value hook = dict({{"type", "PPYOLOEParamSchedulerHook"}, {"warmup_min_iter", 3}});
  const Value optimizer = dict({{"optimizer", dict({{"type", "SGD"}, {"lr", 0.1}})}});
  const Value hooks = dict({{"param_scheduler", hook}});
  const Value config = dict({{"optim_wrapper", optimizer}, {"default_hooks", hooks}});
  const std::vector<Stage> stages = read_schedulers(config, ten_epochs_of_five);
  ASSERT_EQ(stages.size(), 1U);
  EXPECT_EQ(stages[0].type, "PPYOLOEParamSchedulerHook");
  const Value both = dict({{"optim_wrapper", optimizer},
                           {"default_hooks", hooks},
                           {"param_scheduler", dict({{"type", "LinearLR"}})}});
  EXPECT_EQ(failure(both),
            "error: default_hooks.param_scheduler is a PPYOLOEParamSchedulerHook, which replaces "
            "param_scheduler\n"
            "   at param_scheduler\n"
            "help: set param_scheduler=None, or remove the hook\n");
}

TEST(ScheduledOptimizers, HaveTheirOwnSchedulersOrCopies) {
  const auto wrapper = [](double lr) {
    return dict({{"optimizer", dict({{"type", "SGD"}, {"lr", lr}})}});
  };
  const Value both = dict({{"constructor", "Mine"}, {"a", wrapper(1.0)}, {"b", wrapper(2.0)}});
  const Value linear = dict({{"type", "LinearLR"}});
  const Value one = dict({{"optim_wrapper", both}, {"param_scheduler", linear}});
  const auto copies = scheduled_optimizers(one, ten_epochs_of_five);
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[1].name, "b");
  EXPECT_EQ(copies[1].values.lr, 2.0);
  EXPECT_EQ(copies[0].stages.size() + copies[1].stages.size(), 2U);
  const Value own = dict({{"optim_wrapper", both}, {"param_scheduler", dict({{"b", linear}})}});
  EXPECT_TRUE(scheduled_optimizers(own, ten_epochs_of_five)[0].stages.empty());
  const Value wrong = dict({{"optim_wrapper", both}, {"param_scheduler", dict({{"c", linear}})}});
  try {
    scheduled_optimizers(wrong, ten_epochs_of_five);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: there is no optimizer 'c'\n"
              "   at param_scheduler.c\n"
              "help: the optimizers are a, b\n");
  }
}

}  // namespace
}  // namespace pinfeed
