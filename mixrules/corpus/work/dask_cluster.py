"""A connection to a Dask cluster: who its workers are, what they can hold, whether they are ours."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixrules._support.version import __version__
from mixrules.corpus.work.memory import default_budget_mib
from mixrules.corpus.work.outcomes import reason_of
from mixrules.errors import ClusterError, MixrulesError

RESOURCE = "MiB"
"""What workers call the memory that songs may take: ``dask worker --resources "MiB=8000"``."""

LOCAL = "local"
"""What a cluster of this machine is called in place of an address."""

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

_CONNECT_S = 5.0
_LOOK_AGAIN_S = 2.0
_SILENT = logging.CRITICAL + 1
_LOGGERS = ("distributed", "tornado", "asyncio", "bokeh")


@dataclass(slots=True)
class Cluster:
    """A connection to a scheduler.

    Attributes
    ----------
    client : distributed.Client
        The connection.
    address : str
        The scheduler, as the user named it.
    threads : int
        How many tasks the workers can do at a time, when it was last looked at.
    largest_mib, total_mib : float
        What one worker declares at most, and all together; 0 where none declares anything.
    """

    client: Any
    address: str
    threads: int = 0
    largest_mib: float = 0.0
    total_mib: float = 0.0
    _looked_s: float = -1e9

    def look(self) -> bool:
        """Look again who is there, if it is time; fails with `ClusterError` where the scheduler has gone."""
        if time.monotonic() - self._looked_s < _LOOK_AGAIN_S:
            return False
        try:
            workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        except Exception as error:
            raise self.gone() from error
        if self.client.status != "running":
            raise self.gone()
        declared = [float(worker["resources"].get(RESOURCE, 0.0)) for worker in workers]
        self.threads = sum(int(worker["nthreads"]) for worker in workers)
        self.largest_mib, self.total_mib = max(declared, default=0.0), sum(declared)
        self._looked_s = time.monotonic()
        return True

    def gone(self) -> ClusterError:
        """Return what to say of a scheduler that no longer answers."""
        return ClusterError(
            f"the scheduler {self.address} went away: what is recorded is kept, run the same command again to go on"
        )

    def require_same_versions(self) -> None:
        """Raise `ClusterError` unless every worker has this version of mixrules and of Python."""
        try:
            found = self.client.get_versions(packages=["mixrules"])
        except Exception as error:
            raise self.gone() from error
        here = found["client"]["packages"].get("mixrules")
        for worker, said in found["workers"].items():
            packages = said["packages"]
            python = ".".join(said["host"]["python"].split(".")[:2])
            if other := difference(worker, packages.get("mixrules"), here, python):
                raise ClusterError(other)


def difference(worker: str, version: str | None, here: str | None, python: str) -> str:
    """Return what to say of a worker with another version of mixrules, or of Python, than is here; else nothing."""
    if python != PYTHON:
        return f"the worker {worker} runs Python {python}, here it is {PYTHON}: the same is needed everywhere"
    if version != here:
        has = f"has mixrules {version}" if version else "has no mixrules"
        return f"the worker {worker} {has}, here it is {here or __version__}: the same version is needed everywhere"
    return ""


@contextmanager
def connected(scheduler: str, *, workers: int, memory_mib: float | None) -> Iterator[Cluster]:
    """Yield a cluster: one that runs already, or processes of this machine that end with the block.

    Fails with `ClusterError` where nothing answers within seconds.
    """
    import distributed

    start: Any = distributed.Client
    with ExitStack() as stack:
        stack.enter_context(_silenced())
        target: Any = scheduler
        if scheduler == LOCAL:
            target = stack.enter_context(_local_cluster(workers, memory_mib))
        try:
            if scheduler != LOCAL:
                target = _address(scheduler)
                _require_answer(target)
            with warnings.catch_warnings():
                # Versions that matter are looked at by hand; of the others Dask warns.
                warnings.simplefilter("ignore")
                client = start(target, timeout=_CONNECT_S, set_as_default=False, name="mixrules")
        except MixrulesError:
            raise
        except Exception as error:
            if isinstance(error, MemoryError):  # the first bytes of another protocol, taken for a size
                why = "something else does"
            elif isinstance(error, OSError):
                why = f"nothing within {_CONNECT_S:.0f} s"
            else:
                why = reason_of(error)
            raise ClusterError(
                f"no Dask scheduler answers at {scheduler} ({why}): 'dask scheduler' starts one, '--scheduler local' "
                "needs none"
            ) from error
        stack.callback(_close, client)
        cluster = Cluster(client, scheduler)
        cluster.require_same_versions()
        yield cluster


def _address(scheduler: str) -> str:
    """Return the address of a scheduler, which may be in a file that it wrote."""
    if not scheduler.endswith(".json"):
        return scheduler
    try:
        said = msgspec.json.decode(Path(scheduler).read_bytes())
        return str(said["address"])
    except FileNotFoundError as error:
        raise ClusterError(
            f"{scheduler} does not exist: 'dask scheduler --scheduler-file' writes it"
        ) from error
    except (OSError, msgspec.MsgspecError, TypeError, KeyError) as error:
        raise ClusterError(
            f"{scheduler} does not say where a scheduler is, as what 'dask scheduler --scheduler-file' writes does"
        ) from error


def _require_answer(address: str) -> None:
    """Connect once and let go: a client of Dask that cannot connect stays about, and tells of it later."""
    import distributed
    from distributed import comm

    connect: Any = comm
    security: Any = distributed.Security

    async def try_it() -> None:
        options = security().get_connection_args("client")
        connection = await connect.connect(address, timeout=_CONNECT_S, **options)
        connection.abort()

    # In a thread of its own: a notebook has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, try_it()).result()


def _close(client: Any) -> None:
    with suppress(Exception):  # a scheduler that has gone, or goes now
        client.close(timeout=_CONNECT_S)


@contextmanager
def _local_cluster(workers: int, memory_mib: float | None) -> Iterator[Any]:
    import distributed

    start: Any = distributed.LocalCluster
    budget_mib = default_budget_mib() if memory_mib is None else memory_mib
    try:
        cluster = start(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port
            # Dask would share the memory out and stop a worker that takes more than its part.
            memory_limit=0,
            resources={RESOURCE: budget_mib / workers},
            silence_logs=_SILENT,
        )
    except Exception as error:
        raise ClusterError(f"no local Dask cluster could be started: {reason_of(error)}") from error
    try:
        yield cluster
    finally:
        with suppress(Exception):
            cluster.close(timeout=_CONNECT_S)


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep Dask's logs off the terminal: what matters of them is told in a line of ours."""
    names = [name for name in (*_LOGGERS, *logging.root.manager.loggerDict) if name.split(".")[0] in _LOGGERS]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(_SILENT)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
