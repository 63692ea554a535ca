# SPDX-License-Identifier: Apache-2.0
"""Learning rates."""

from pinfeed import _pinfeed
from pinfeed._config import as_config
from pinfeed._error import config_error


def schedule(config, epoch_length=None, cfg_options=None):
    """The scheduled values of a config for each iteration, equal to OpenMMLab's to the last bit.

    config: a path, a Config or a dict. epoch_length: the batches of an epoch, len(loader); it is needed if the schedule
    counts epochs. Returns a dict of numpy arrays: "lr", "momentum" and the like where they are scheduled, and "epoch".
    Raises Error (config).
    """
    root, read = as_config(config, cfg_options)
    return {name: values.numpy() for name, values in _pinfeed.schedule(root, read, epoch_length).items()}


class LRScheduler:
    """Drives the param_groups of an optimizer of torch with the exact values of a config.

    optimizer: an object with param_groups as torch's. config, epoch_length: as for schedule(). The values of its groups
    are those before the first iteration. Call step() after each iteration.
    """

    def __init__(self, optimizer, config, epoch_length=None, cfg_options=None):
        root, read = as_config(config, cfg_options)
        self.optimizer = optimizer
        # An iteration loop is one epoch, which does not end before the training does.
        self._epoch_length = epoch_length if _pinfeed.counts_epochs(root, read) else None
        self._iteration = 0
        groups = [_values_of(group) for group in optimizer.param_groups]
        self._core = _pinfeed.ScheduleCore(root, read, epoch_length, groups)
        for group, (lr, _, _) in zip(optimizer.param_groups, groups):
            group.setdefault("initial_lr", lr)
        self._write()

    def step(self):
        """Sets the values of the next iteration; after the last iteration of an epoch those of the next epoch."""
        self._iteration += 1
        self._core.after_iteration()
        if self._epoch_length is not None and self._iteration % self._epoch_length == 0:
            self._core.after_epoch()
        self._write()

    def after_validation(self, metrics):
        """Gives the metrics of a validation (a dict of numbers) to schedulers that follow one."""
        self._core.after_validation([(name, float(value)) for name, value in metrics.items()])
        self._write()

    def get_last_lr(self):
        """The lr of each group."""
        return [lr for lr, _, _ in self._core.values()]

    def state_dict(self):
        """Everything that later values depend on: numbers, str, lists and dicts."""
        return {"iteration": self._iteration, "schedule": self._core.state()}

    def load_state_dict(self, state):
        """Continues from a state_dict(), to the last bit."""
        self._core.load(state["schedule"])
        self._iteration = state["iteration"]
        self._write()

    def _write(self):
        moves_momentum = self._core.moves_momentum()
        moves_decay = self._core.moves_weight_decay()
        for group, (lr, momentum, decay) in zip(self.optimizer.param_groups, self._core.values()):
            group["lr"] = lr
            if moves_momentum and "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            elif moves_momentum:
                group["momentum"] = momentum
            if moves_decay:
                group["weight_decay"] = decay


def _values_of(group):
    if "lr" not in group:
        raise config_error("a group of the optimizer has no lr")
    momentum = group.get("momentum", group["betas"][0] if "betas" in group else None)
    return float(group["lr"]), momentum, group.get("weight_decay")
