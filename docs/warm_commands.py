"""A `mixrules` that starts at once, for `docs/refresh.py`: its commands are forks of a process that has loaded all.

A mix of the demo song takes a second; the process around it takes two more, to import its libraries and to load
compiled code. `warm_commands` starts one such process, lets it mix once, and writes a program `mixrules` that hands
its arguments, folder, environment and standard streams to it. There they are run by a fork, as the program itself
would: the same `main`, the same exit status. Needs `fork`, as the pages need bash.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

PROGRAM = """\
#!/bin/sh
exec {python} -IS {script} ask {address} "$@"
"""
LARGEST_REQUEST = 1 << 20
WARM_UP = (
    ["warmup", "--quiet"],
    ["mix", "{song}", "--quiet", "--threads", "1", "-o", "default.wav"],
    ["mix", "{song}", "--quiet", "--threads", "1", "-o", "survey.wav", "--preset", "survey-2022"],
    ["measure", "default.wav", "--json"],
)


@contextmanager
def warm_commands(song: Path | None) -> Iterator[Path]:
    """Yield a folder with a program `mixrules` for the front of PATH.

    Parameters
    ----------
    song : Path or None
        A folder of stems to warm up with; None does without.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        address = folder / "socket"
        program = folder / "mixrules"
        python, script = (shlex.quote(str(path)) for path in (sys.executable, Path(__file__).resolve()))
        program.write_text(PROGRAM.format(python=python, script=script, address=shlex.quote(str(address))))
        program.chmod(0o755)
        serve = [sys.executable, __file__, "serve", str(address), *([str(song)] if song else [])]
        with subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as server:
            try:
                if server.stdout is None or not server.stdout.readline():
                    raise RuntimeError("the process that runs the pages' commands did not start")
                yield folder
            finally:
                server.terminate()


def ask(address: str, arguments: list[str]) -> int:
    """Have a command run and return its exit status."""
    request = json.dumps({"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)})
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [f"{len(request):8d}".encode()], [0, 1, 2])
        connection.sendall(request.encode())
        return int(connection.recv(16) or b"70")


def warm_up(song: str) -> None:
    """Import and load all that the pages' commands need, by running some."""
    from mixrules.cli.app import cli

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nothing, redirect_stdout(nothing):
        os.chdir(folder)
        for command in WARM_UP:
            cli.main([part.format(song=song) for part in command], standalone_mode=False)
        os.chdir("/")


def serve(address: str) -> None:
    """Say that it is ready by a line, and run what is asked for until this process is terminated."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                head, streams, *_ = socket.recv_fds(connection, 8, 3)
                if not os.fork():
                    listener.close()
                    run(connection, int(head), streams)
                for stream in streams:
                    os.close(stream)


def run(connection: socket.socket, length: int, streams: list[int]) -> None:
    """Run one command in this process, which is a fork for it alone, answer with its exit status, and end."""
    status = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        request = json.loads(connection.makefile("rb").read(length))
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115, they live as long as the process
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        sys.argv = ["mixrules", *request["arguments"]]
        from mixrules.cli import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for text in (sys.stdout, sys.stderr):
            if text is not None:
                text.flush()
        os.closerange(0, 3)
        connection.sendall(str(status).encode())
        os._exit(status)


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        sys.exit(ask(sys.argv[2], sys.argv[3:]))
    for argument in sys.argv[3:]:
        warm_up(argument)
    serve(sys.argv[2])
