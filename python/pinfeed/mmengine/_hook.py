# SPDX-License-Identifier: Apache-2.0
"""Continues a resumed training at the exact batch."""

from mmengine.hooks import Hook

__all__ = ["PinfeedHook"]

_key = "pinfeed"


class _EndlessBatches:
    """What IterBasedTrainLoop takes batches from: epoch after epoch, from a position.

    The loop takes as many batches as it has trained before it trains further. These are not made.
    """

    def __init__(self, loader, position, trained):
        self._loader = loader
        self._position = position
        self._trained = trained
        self._batches = None

    def __iter__(self):
        return self

    def __next__(self):
        if self._trained > 0:
            self._trained -= 1
            return None
        if self._batches is None:
            self._loader.seek(*self._position)  # not earlier: hooks set the epoch of the loop, which is always 0
            started = self._loader.started  # mmengine does so before the training, its fork does not
            self._batches = self._loader.batches() if started else iter(self._loader)
        for batch in self._batches:
            return batch
        self._batches = iter(self._loader)
        return next(self._batches)

    def skip_iter(self, _):
        """The maintained fork of mmengine calls this instead of taking the batches that were trained."""
        self._trained = 0


class PinfeedHook(Hook):
    """Puts the loader at the position of the training loop, and writes what it depends on into checkpoints."""

    priority = "VERY_HIGH"

    def __init__(self, loader):
        self.loader = loader
        self._saved = None
        self._end_numbering = None

    def before_save_checkpoint(self, runner, checkpoint):
        """Writes the settings that the meaning of a position depends on."""
        checkpoint[_key] = self._settings()

    def after_load_checkpoint(self, runner, checkpoint):
        """Keeps what the checkpoint has of this hook."""
        self._saved = checkpoint.get(_key)

    def before_train(self, runner):
        """Puts the loader at the batch that follows those that were trained."""
        loop, loader = runner.train_loop, self.loader
        loader.reseed(runner.seed)
        trained, length = loop.iter, len(loader)
        if hasattr(loop, "dataloader_iterator"):
            position = (0, trained) if loader.loader.endless else divmod(trained, length)
            skips = getattr(loop, "fast_forward_on_resume", False)  # a setting of the maintained fork
            loop.dataloader_iterator = _EndlessBatches(loader, position, 0 if skips else trained)
            if trained > 0 and not self._same_batches():
                runner.logger.warning("pinfeed: the checkpoint is of a training with other batches")
        elif trained > 0:
            position = self._continue_epoch(runner, loop, trained - loop.epoch * length, length)
        if trained > 0:
            self._log(runner, *position)

    def _continue_epoch(self, runner, loop, batch, length):
        if not 0 <= batch <= length or not self._same_batches():
            runner.logger.warning("pinfeed: the checkpoint is of a training with other batches: epoch "
                                  f"{loop.epoch + 1} begins with its first batch")
            batch = 0
        self.loader.seek(loop.epoch, batch)
        if batch > 0:
            self._number_from(loop, batch)
        return loop.epoch, batch

    def _same_batches(self):
        return self._saved is None or all(self._saved.get(key) == value for key, value in self._settings().items())

    def _settings(self):
        loader = self.loader.loader
        return {"batch_size": loader.batch_size, "world_size": loader.world_size, "samples": loader.samples}

    # The loop counts the batches of an epoch from 0. In the epoch that is continued the first one is another.
    def _number_from(self, loop, first):
        run_iter = loop.run_iter

        def numbered(idx, data_batch):
            return run_iter(idx + first, data_batch)

        loop.run_iter = numbered
        self._end_numbering = lambda: setattr(loop, "run_iter", run_iter)

    def after_train_epoch(self, runner):
        """Ends the numbering of a continued epoch."""
        if self._end_numbering is not None:
            self._end_numbering()
            self._end_numbering = None

    def _log(self, runner, epoch, batch):
        where = f"batch {batch}" if self.loader.loader.endless else f"batch {batch} of epoch {epoch}"
        runner.logger.info(f"pinfeed: training continues at {where}, counted from 0; no batch is made again")
