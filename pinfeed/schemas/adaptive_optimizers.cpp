// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the arguments of torch.optim.RMSprop and of mmpretrain's LARS and Lamb.
#include "pinfeed/schemas/optimizer_schema.h"

namespace pinfeed {

void describe(Schema<RMSprop>& schema) {
  schema.summary("Gradient descent divided by a running root mean square of the gradient.")
      .optional("lr", &RMSprop::lr, "learning rate", at_least(0))
      .optional("alpha", &RMSprop::alpha, "decay rate of the mean of squares", at_least(0))
      .optional("eps", &RMSprop::eps, "added to the denominator", at_least(0))
      .optional("weight_decay", &RMSprop::weight_decay, "None: torch's default")
      .optional("momentum", &RMSprop::momentum, "momentum factor", at_least(0))
      .optional("centered", &RMSprop::centered, "divide by an estimate of the variance")
      .optional("maximize", &RMSprop::maximize, "maximise the loss instead of minimising it")
      .accepted("foreach", "results do not depend on it")
      .accepted("capturable", "CUDA graphs are not used")
      .refused("differentiable", "the step is not differentiated");
}

OptimizerChoice make(const RMSprop& params) {
  const double decay = params.weight_decay.value_or(defaults_of(RMSprop::name)->weight_decay);
  return {.name = RMSprop::name,
          .rule = UpdateRule::rmsprop,
          .defaults = {.lr = params.lr,
                       .weight_decay = decay,
                       .momentum = params.momentum,
                       .eps = params.eps,
                       .maximize = params.maximize,
                       .alpha = params.alpha,
                       .centered = params.centered},
          .weight_decay_given = params.weight_decay.has_value()};
}

void describe(Schema<LARS>& schema) {
  schema.summary("SGD with a learning rate adapted to the norm of each parameter (mmpretrain).")
      .required("lr", &LARS::lr, "learning rate", at_least(0))
      .optional("momentum", &LARS::momentum, "momentum factor", at_least(0))
      .optional("weight_decay", &LARS::weight_decay, "None: 0", at_least(0))
      .optional("dampening", &LARS::dampening, "dampening of the momentum")
      .optional("eta", &LARS::eta, "factor of the adapted learning rate", at_least(0))
      .optional("nesterov", &LARS::nesterov, "use Nesterov momentum")
      .optional("eps", &LARS::eps, "added to the denominator", at_least(0))
      .check([](const LARS& params) {
        if (!params.nesterov || (params.momentum > 0 && params.dampening == 0)) return;
        throw Error(ErrorKind::config, "nesterov needs a momentum and no dampening");
      });
}

OptimizerChoice make(const LARS& params) {
  return {.name = LARS::name,
          .rule = UpdateRule::lars,
          .defaults = {.lr = params.lr,
                       .weight_decay = params.weight_decay.value_or(0.0),
                       .momentum = params.momentum,
                       .dampening = params.dampening,
                       .nesterov = params.nesterov,
                       .eps = params.eps,
                       .eta = params.eta},
          .weight_decay_given = params.weight_decay.has_value()};
}

void describe(Schema<Lamb>& schema) {
  schema.summary("AdamW with a step adapted to the norm of each parameter (mmpretrain).")
      .optional("lr", &Lamb::lr, "learning rate", at_least(0))
      .optional("bias_correction", &Lamb::bias_correction, "correct the means of early steps")
      .optional("betas", &Lamb::betas, "decay rates of the running mean and of the mean of squares")
      .optional("eps", &Lamb::eps, "added to the denominator", at_least(0))
      .optional("weight_decay", &Lamb::weight_decay, "None: 0.01")
      .optional("grad_averaging", &Lamb::grad_averaging, "the mean weighs gradients by 1 - beta")
      .optional("max_grad_norm", &Lamb::max_grad_norm, "gradients are scaled down to this norm")
      .optional("trust_clip", &Lamb::trust_clip, "no step is made longer by the norm")
      .optional("always_adapt", &Lamb::always_adapt, "adapt parameters without weight decay too")
      .check([](const Lamb& params) {
        const auto inside = [](double beta) { return beta >= 0.0 && beta < 1.0; };
        const std::vector<double>& betas = params.betas;
        if (betas.size() == 2 && inside(betas[0]) && inside(betas[1])) return;
        throw Error(ErrorKind::config, "betas must be two numbers in [0, 1)");
      });
}

OptimizerChoice make(const Lamb& params) {
  const double decay = params.weight_decay.value_or(defaults_of(Lamb::name)->weight_decay);
  return {.name = Lamb::name,
          .rule = UpdateRule::lamb,
          .defaults = {.lr = params.lr,
                       .weight_decay = decay,
                       .betas = {params.betas[0], params.betas[1]},
                       .eps = params.eps,
                       .bias_correction = params.bias_correction,
                       .grad_averaging = params.grad_averaging,
                       .max_grad_norm = params.max_grad_norm,
                       .trust_clip = params.trust_clip,
                       .always_adapt = params.always_adapt},
          .weight_decay_given = true};
}

}  // namespace pinfeed
