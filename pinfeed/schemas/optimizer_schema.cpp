// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the arguments of torch.optim.
#include "pinfeed/schemas/optimizer_schema.h"

namespace pinfeed {
namespace {

template <class Params>
Schema<Params>& describe_optimizer(Schema<Params>& schema) {
  return schema.optional("lr", &Params::lr, "learning rate", at_least(0))
      .optional("weight_decay", &Params::weight_decay, "None: torch's default")
      .optional("maximize", &Params::maximize, "maximise the loss instead of minimising it")
      .accepted("foreach", "results do not depend on it")
      .accepted("fused", "results do not depend on it")
      .accepted("capturable", "CUDA graphs are not used")
      .refused("differentiable", "the step is not differentiated");
}

template <class Params>
double weight_decay_of(const Params& params) {
  return params.weight_decay.value_or(defaults_of(Params::name)->weight_decay);
}

template <class Params>
OptimizerChoice adam(const Params& params, UpdateRule rule) {
  return {.name = Params::name,
          .rule = rule,
          .defaults = {.lr = params.lr,
                       .weight_decay = weight_decay_of(params),
                       .betas = {params.betas[0], params.betas[1]},
                       .eps = params.eps,
                       .amsgrad = params.amsgrad,
                       .maximize = params.maximize},
          .weight_decay_given = params.weight_decay.has_value()};
}

}  // namespace

void describe(Schema<SGD>& schema) {
  schema.summary("Stochastic gradient descent, optionally with momentum.");
  describe_optimizer(schema)
      .optional("momentum", &SGD::momentum, "momentum factor", at_least(0))
      .optional("dampening", &SGD::dampening, "dampening of the momentum")
      .optional("nesterov", &SGD::nesterov, "use Nesterov momentum")
      .check([](const SGD& params) {
        if (!params.nesterov || (params.momentum > 0 && params.dampening == 0)) return;
        throw Error(ErrorKind::config, "nesterov needs a momentum and no dampening");
      });
}

OptimizerChoice make(const SGD& params) {
  return {.name = SGD::name,
          .rule = UpdateRule::sgd,
          .defaults = {.lr = params.lr,
                       .weight_decay = weight_decay_of(params),
                       .momentum = params.momentum,
                       .dampening = params.dampening,
                       .nesterov = params.nesterov,
                       .maximize = params.maximize},
          .weight_decay_given = params.weight_decay.has_value()};
}

void describe(Schema<AdamOptions>& schema) {
  describe_optimizer(schema)
      .optional("betas", &AdamOptions::betas,
                "decay rates of the running mean and of the mean of squares")
      .optional("eps", &AdamOptions::eps, "added to the denominator", at_least(0))
      .optional("amsgrad", &AdamOptions::amsgrad, "use the maximum of the mean of squares")
      .check([](const AdamOptions& params) {
        const std::vector<double>& betas = params.betas;
        const auto inside = [](double beta) { return beta >= 0.0 && beta < 1.0; };
        if (betas.size() == 2 && inside(betas[0]) && inside(betas[1])) return;
        throw Error(ErrorKind::config, "betas must be two numbers in [0, 1)");
      });
}

void describe(Schema<Adam>& schema) {
  schema.summary("Adam; weight decay is part of the gradient.").include<AdamOptions>();
}

OptimizerChoice make(const Adam& params) { return adam(params, UpdateRule::adam); }

void describe(Schema<AdamW>& schema) {
  schema.summary("Adam with decoupled weight decay.").include<AdamOptions>();
}

OptimizerChoice make(const AdamW& params) { return adam(params, UpdateRule::adamw); }

Catalog<OptimizerChoice, std::monostate> optimizers() {
  Catalog<OptimizerChoice, std::monostate> catalog("optimizer");
  catalog.add_with<SGD>([](const SGD& params, std::monostate) { return make(params); });
  catalog.add_with<Adam>([](const Adam& params, std::monostate) { return make(params); });
  catalog.add_with<AdamW>([](const AdamW& params, std::monostate) { return make(params); });
  catalog.add_with<RMSprop>([](const RMSprop& params, std::monostate) { return make(params); });
  catalog.add_with<LARS>([](const LARS& params, std::monostate) { return make(params); });
  catalog.add_with<Lamb>([](const Lamb& params, std::monostate) { return make(params); });
  return catalog;
}

}  // namespace pinfeed
