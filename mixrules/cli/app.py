"""The program `mixrules`: finds commands when they are asked for, and turns errors into one line."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shlex
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

import click

from mixrules._support.compilation import watched
from mixrules.cli.failures import BAD_INPUT, failure
from mixrules.cli.progress import CompilationNotice

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = {
    "mix": "Mix a folder of stems and say why.",
    "plan": "Decide only, and write the plan.",
    "render": "Render a plan, whoever made it.",
    "match": "Find the plan that explains a finished mix.",
    "export": "Write a plan as a project that a DAW opens.",
    "import": "Read a DAW project back into a plan.",
    "plot": "Draw figures of a song and its mix, or of audio files.",
    "masking": "Say which stem hides which, before and after.",
    "measure": "Measure loudness, range and peaks of audio files.",
    "impulse-response": "Extract, measure and fit the response between dry and wet recordings.",
    "normalize": "Bring audio files to a loudness, under a true-peak ceiling.",
    "score": "Measure how far a mix is from another.",
    "compare": "Compare systems: which comes nearer to the engineer's mix.",
    "batch": "Mix every song of a data set.",
    "extract": "Measure every song of a data set: ground truth and descriptors.",
    "dataset": "Make training data of a data set's songs, for a task.",
    "train": "Train a network on task data, beside a constant.",
    "predict": "Write plans in which models speak for rules.",
    "describe": "Show what a corpus looks like, on one page.",
    "predictions": "Score predicted parameters beside constants.",
    "kfilter": "Show the K-weighting filter at any sample rate.",
    "presets": "List the rule sets and every constant in them.",
    "stimuli": "Make a listening test of songs in several conditions.",
    "listen": "Serve a listening test and keep the ratings.",
    "ratings": "Analyse what the listeners said.",
    "plan-listeners": "Estimate how many listeners a test needs.",
    "completion": "Print the script by which a shell completes all these names.",
    "warmup": "Compile all kernels now, so that no later run has to.",
    "demo": "Write the stems of the built-in demo song.",
}
_EXAMPLES = """\b
Examples:
  mixrules demo my_song/                 # stems to try it on
  mixrules mix my_song/ -o my_mix.wav
  mixrules mix --help                    # every command has examples of its own
"""
_INTERRUPTED = 130
# Alone, or among the other short options that take no value, as in -qn.
_QUIET = re.compile("--quiet|-[hn]*q[hnq]*")


class _LazyGroup(click.Group):
    """A group that imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are met."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"mixrules.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where a song stands in its place, that is to be mixed."""
        if args[0] not in _COMMANDS:
            from mixrules.cli.guesses import mix_meant

            meant = mix_meant(args)
            if meant is not None:
                if not any(_QUIET.fullmatch(argument) for argument in args):
                    _say(f"read as: {shlex.join(['mixrules', 'mix', *meant])}")
                args = ["mix", *meant]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without importing any; a folder, which would be mixed, where no command begins so."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=about)
            for name, about in _COMMANDS.items()
            if name.startswith(incomplete)
        ]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*found, *options] or [CompletionItem(incomplete, type="dir")]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from mixrules._support.version import __version__

        click.echo(f"mixrules {__version__}")
        ctx.exit()


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
@click.option("--debug", is_flag=True, help="Show a traceback instead of one line when something fails.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Mix music by rules that can be read: rules decide, a plan records, the engine renders."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(BAD_INPUT)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0 done, 2 bad input, 70 a fault, 130 interrupted."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    quiet = any(_QUIET.fullmatch(argument) for argument in arguments)
    _prepare()
    try:
        with contextlib.nullcontext() if quiet else watched(CompilationNotice()):
            status = cli.main(args=list(arguments), prog_name="mixrules", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        from mixrules.cli.usage_messages import usage_message

        _say(usage_message(error, _COMMANDS))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; no file was left half-written")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; leave quietly, without Python's own complaint at exit.
        sys.stdout = None
        sys.exit(1)
    except Exception as error:
        if "--debug" in arguments:
            raise
        line, status = failure(error)
        _say(line)
        if isinstance(error, OSError):  # perhaps of standard output, which would fail once more at exit
            _discard_output()
        sys.exit(status)
    if not quiet:
        _say_what_was_not_kept()
    sys.exit(status if isinstance(status, int) else 0)


def _prepare() -> None:
    """Make the program's surroundings fit: signals that end it clean up, and printing cannot fail it."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    _occupy_closed_descriptors()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the program
            nothing = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, it lives as long as the program
            setattr(sys, name, nothing)
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal that has no such sign shows another


def _occupy_closed_descriptors() -> None:
    """Open nothing where a standard stream is closed: else the next file opened would get what is printed to it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one


def _say(line: str) -> None:
    # Standard error may be a full disk or a pipe that nobody reads: then there is nobody to tell.
    from mixrules.errors import in_one_line

    with contextlib.suppress(OSError):
        click.echo(f"mixrules: {in_one_line(line)}", err=True)


def _discard_output() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = None


def _say_what_was_not_kept() -> None:
    """Say that compiled code could not be kept, if any was needed."""
    jit = sys.modules.get("mixrules._support.jit")
    if jit is not None and jit.not_cached():
        _say(
            "note: the compiled code cannot be kept, so that every run compiles anew: "
            "set NUMBA_CACHE_DIR to a folder that can be written to"
        )


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to terminate like an interrupt, so that temporary files are removed."""
    raise KeyboardInterrupt
