# SPDX-License-Identifier: Apache-2.0
"""Signals, forks, threads, and the end of the interpreter. Each runs in a process of its own."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest


def python(code, *arguments, **environment):
    """Starts an interpreter with this code."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **environment})


def result(process, timeout=120):
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    return out




def test_control_c_ends_the_waiting(config):
    code = """\
        import sys, time, pinfeed
        loader = pinfeed.Loader(sys.argv[1], cfg_options={
            "train_dataloader.batch_size": 24, "train_dataloader.dataset.pipeline.2.scale": (12000, 12000)})
        iteration = iter(loader)
        print("waits", flush=True)
        try:
            next(iteration)
        except KeyboardInterrupt:
            print(time.monotonic(), flush=True)
            import os; os._exit(0)
        """
    process = python(code, config)
    assert process.stdout.readline() == "waits\n"
    time.sleep(0.3)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    # 20 ms are between two looks at signals; the machine may be busy with other things.
    assert float(result(process)) - start < 0.5


def test_a_signal_handler_may_close_the_loader_and_asks_it_for_nothing_else(config):
    code = """\
        import signal, sys, pinfeed
        loader = pinfeed.Loader(sys.argv[1], cfg_options={
            "train_dataloader.batch_size": 24, "train_dataloader.dataset.pipeline.2.scale": (6000, 6000)})
        def close(*_):
            try:
                loader.state_dict()
            except pinfeed.Error as error:
                print(error.help)
            loader.close()
        signal.signal(signal.SIGALRM, close)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            next(iter(loader))
        except pinfeed.Error as error:
            print(error.message)
        try:
            loader.state_dict()
        except pinfeed.Error as error:
            print(error.message)
        """
    assert result(python(code, config), timeout=60).splitlines() == [
        "let the handler set a flag, and read the state when next() has returned",
        "the loader was closed while next() waited for a batch", "the loader is closed"]


def test_a_loader_goes_on_after_control_c(config):
    code = """\
        import os, signal, sys, threading, numpy, pinfeed
        loader = pinfeed.Loader(sys.argv[1], cfg_options={"train_dataloader.dataset.pipeline.2.scale": (3000, 3000)})
        iteration, interrupted, sizes = iter(loader), 0, []
        while True:
            timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)) if interrupted < 3 else None
            try:
                if timer: timer.start()
                batch = next(iteration, None)
                if timer: timer.join()
            except KeyboardInterrupt:
                interrupted += 1
                continue
            if batch is None: break
            sizes.append(len(batch["inputs"]))
        print(interrupted, sizes)
        """
    interrupted, sizes = result(python(code, config)).split(" ", 1)
    assert int(interrupted) >= 1
    assert sum(eval(sizes)) >= 24 - 4 * int(interrupted)


def test_a_started_loader_says_why_it_cannot_be_used_in_a_child(config):
    code = """\
        import os, sys, pinfeed
        loader = pinfeed.Loader(sys.argv[1])
        iteration = iter(loader)
        batch = next(iteration)
        child = os.fork()
        if child == 0:
            try:
                next(iteration)
            except pinfeed.Error as error:
                print(error, flush=True)
                print(int(batch["inputs"][0].numpy().sum() > 0), flush=True)
                del batch, iteration
                loader.close()
                del loader
                made = pinfeed.Loader(sys.argv[1])
                print(len(list(made)), flush=True)
                made.close()
                sys.exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        print(len(list(iteration)))
        """
    lines = result(python(code, config)).splitlines()
    assert lines[0].startswith("error: the loader was started before this process was forked")
    assert lines[1].startswith("help: make the loader in the child")
    assert lines[2:] == ["1", "6", "5"]


def test_a_loader_that_was_not_started_works_in_a_child(config):
    code = """\
        import os, sys, pinfeed
        loader = pinfeed.Loader(sys.argv[1])
        child = os.fork()
        print(len(list(loader)), flush=True)
        loader.close()
        if child: assert os.waitpid(child, 0)[1] == 0
        """
    assert result(python(code, config)) == "6\n6\n"


def test_threads_take_turns(config):
    code = """\
        import sys, threading, pinfeed
        loader = pinfeed.Loader(sys.argv[1], cfg_options={"pinfeed.prefetch": 30})
        iteration, taken = iter(loader), []
        def take():
            for batch in iteration: taken.append(len(batch["inputs"]))
        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(sum(taken) >= 24)
        """
    assert result(python(code, config)) == "True\n"


def test_close_ends_a_thread_that_waits(config):
    code = """\
        import sys, threading, time, pinfeed
        loader = pinfeed.Loader(sys.argv[1], cfg_options={
            "train_dataloader.batch_size": 24, "train_dataloader.dataset.pipeline.2.scale": (8000, 8000)})
        def take():
            try: next(iter(loader))
            except pinfeed.Error as error: print(error.message)
        thread = threading.Thread(target=take)
        thread.start()
        time.sleep(0.2)
        loader.close()
        thread.join()
        """
    assert result(python(code, config)).strip() == "the loader was closed while next() waited for a batch"


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "loader.self = loader", "keep = numpy.from_dlpack(batch['inputs'][0])"])
def test_the_interpreter_ends_with_an_open_loader(config, end):
    code = f"""\
        import sys, numpy, pinfeed
        loader = pinfeed.Loader(sys.argv[1])
        batch = next(iter(loader))
        element = batch["data_samples"][0]
        {end}
        """
    assert result(python(code, config)) == ""


def test_with_the_checks_of_pythons_allocator(config):
    code = """\
        import sys, warnings, numpy, pinfeed
        warnings.simplefilter("ignore")
        loader = pinfeed.Loader(sys.argv[1])
        kept = [batch for _ in range(3) for batch in loader]
        views = [numpy.from_dlpack(image) for batch in kept for image in batch["inputs"]]
        del kept[::2], loader
        print(sum(int(view.sum()) > 0 for view in views), [sample.gt_instances.masks.to_tensor().shape[0] >= 0
                                                           for sample in kept[0]["data_samples"]])
        """
    out = result(python(code, config, PYTHONMALLOC="debug", PYTHONDEVMODE="1"))
    assert out == "72 [True, True, True, True]\n"


def test_importing_is_lazy(config):
    code = """\
        import sys, pinfeed
        print([name for name in ("numpy", "torch", "logging", "json", "tempfile") if name in sys.modules])
        """
    assert result(python(code)) == "[]\n"
