# SPDX-License-Identifier: Apache-2.0
"""The exception of the package and the category of its warnings."""


class Error(RuntimeError):
    """What went wrong, as data. str() is what the command line prints.

    kind: "config", "data", "device", "system" or "bug": whose fault it is.
    message: what is wrong, in one sentence.
    context: what was being done, innermost first.
    help: what would be right; may be empty.
    exit_code: the exit code of the command line for this kind.
    source: (file, line, column) of the value in the config, or None.
    config_path: its path in the config, "train_dataloader.batch_size"; may be empty.
    """

    def __init__(self, kind, message, context=(), help="", exit_code=70, printed="", source=None, config_path=""):
        super().__init__(printed or f"error: {message}")
        self.kind = kind
        self.message = message
        self.context = tuple(context)
        self.help = help
        self.exit_code = exit_code
        self.source = source
        self.config_path = config_path

    def __reduce__(self):
        return type(self), (self.kind, self.message, self.context, self.help, self.exit_code, str(self), self.source,
                            self.config_path)


class Warning(UserWarning):
    """What the engine warns of: the category of its warnings."""


def config_error(message, help=""):
    """An Error for a wrong argument."""
    return Error("config", message, help=help, exit_code=2,
                 printed=f"error: {message}" + (f"\nhelp: {help}" if help else ""))
