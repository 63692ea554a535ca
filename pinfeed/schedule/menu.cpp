// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/menu.h"

#include <cmath>

#include "pinfeed/schedule/scheduler.h"

namespace pinfeed {

void describe(Schema<Window>& schema) {
  schema.optional("begin", &Window::begin, "first step")
      .optional("end", &Window::end, "first step after; if absent, the end of the training")
      .optional("by_epoch", &Window::by_epoch, "counts are epochs, not iterations")
      .optional("convert_to_iter_based", &Window::convert_to_iter_based,
                "counts are epochs, but act on each iteration")
      .optional("last_step", &Window::last_step, "steps taken already", at_least(-1))
      .accepted("verbose", "values are in the log anyway");
}

void describe(Schema<ConstantParamScheduler>& schema) {
  schema.summary("Multiplies by a factor until the last step of the window.")
      .optional("factor", &ConstantParamScheduler::factor, "what to multiply by", between(0, 1))
      .include(&ConstantParamScheduler::window);
}

void describe(Schema<LinearParamScheduler>& schema) {
  schema.summary("A straight line between two factors; the usual warm-up.")
      .optional("start_factor", &LinearParamScheduler::start_factor, "factor at begin",
                between(0, 1))
      .optional("end_factor", &LinearParamScheduler::end_factor, "factor at end - 1", between(0, 1))
      .include(&LinearParamScheduler::window);
}

void describe(Schema<CosineAnnealingParamScheduler>& schema) {
  using Cosine = CosineAnnealingParamScheduler;
  schema.summary("Half a cosine from the value found down towards eta_min.")
      .optional("T_max", &Cosine::T_max, "steps to eta_min; None: end - begin")
      .optional("eta_min", &Cosine::eta_min, "lowest value; None: 0")
      .optional("eta_min_ratio", &Cosine::eta_min_ratio,
                "lowest value as a part of the initial one")
      .check([](const Cosine& params) {
        if (!params.eta_min || !params.eta_min_ratio) return;
        throw Error(ErrorKind::config, "eta_min and eta_min_ratio are both given")
            .help("keep one of them");
      })
      .include(&Cosine::window);
}

void in_iterations(CosineAnnealingParamScheduler& params, double epoch_length) {
  if (params.T_max) params.T_max = *params.T_max * epoch_length;
}

void describe(Schema<MultiStepParamScheduler>& schema) {
  schema.summary("Multiplies by gamma at each milestone.")
      .required("milestones", &MultiStepParamScheduler::milestones, "steps, counted from begin")
      .optional("gamma", &MultiStepParamScheduler::gamma, "what to multiply by")
      .include(&MultiStepParamScheduler::window);
}

void in_iterations(MultiStepParamScheduler& params, double epoch_length) {
  for (double& milestone : params.milestones) milestone = milestone * epoch_length;
}

}  // namespace pinfeed
