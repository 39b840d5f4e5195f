"""What the networks of 2022 did that ours do not: each is a switch, on in ``faithful`` and off in ``corrected``.

The facts are those of likelian/Lab_spring2022 (2022). Beside each stands why it keeps a network from learning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.arguments import require_known
from mixrules.errors import ParameterError

NETWORKS = ("corrected", "faithful")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What differs between the networks as they were and as they should be.

    Attributes
    ----------
    power_input : bool
        The network reads the power in mel bands as it is; off, it reads dB. Power spans seven decades, of which a
        network sees the highest.
    time_normalization : bool
        Every mel band of every channel is divided by its norm over the 64 frames. That takes a static equaliser out of
        the input, and the level.
    random_channel_gains : bool
        In training each channel of a batch is multiplied by a number drawn from 0 to 1, and in tests by none: the
        network meets gains there that it was not trained on.
    unshuffled : bool
        Batches are of neighbouring blocks in the order of the table, epoch after epoch.
    fixed_epoch : bool
        What is evaluated is the network after a number of epochs that was fixed beforehand (level 1, compression 3, EQ
        200, reverb 500), not the one that was best on validation songs.
    published_scale : bool
        Targets are given as they are, or (range - 5) / 25 for compression; off, they are standardised by mean and
        standard deviation of the training targets.
    changed_bands_first : bool
        Task ``eq`` alone: the squared error counts in full where a band was changed, and by a tenth elsewhere.
    published_filter : bool
        Task ``level`` alone: blocks count whose target lies between -10 and 6 LU and whose mean vocal power in the mel
        bands is above 0.4.
    test_as_validation : bool
        The songs that choose and the songs that judge are the same: those of the test.
    """

    power_input: bool = False
    time_normalization: bool = False
    random_channel_gains: bool = False
    unshuffled: bool = False
    fixed_epoch: bool = False
    published_scale: bool = False
    changed_bands_first: bool = False
    published_filter: bool = False
    test_as_validation: bool = False

    def on(self) -> tuple[str, ...]:
        """Return the names of the switches that are on."""
        return tuple(name for name in NAMES if getattr(self, name))

    def changed(self, on: Sequence[str] = (), off: Sequence[str] = ()) -> Switches:
        """Return a copy with some switches turned on and others off.

        Raises
        ------
        ParameterError
            If there is no such switch, or one is in both lists.
        """
        for name in (*on, *off):
            require_known(name, NAMES, what="switch")
        both = [name for name in on if name in off]
        if both:
            raise ParameterError(f"switch {both[0]} is to be on and off: name it once")
        return dataclasses.replace(self, **dict.fromkeys(on, True), **dict.fromkeys(off, False))


NAMES: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(Switches))

_ONE_TASK = {"eq": "changed_bands_first", "toy-eq": "changed_bands_first", "level": "published_filter"}
_OF_SOME_TASKS = frozenset(_ONE_TASK.values())


def switches_of(network: str, task: str) -> Switches:
    """Return the switches of a network.

    Parameters
    ----------
    network : {"corrected", "faithful"}
        Which.
    task : str
        What it learns: some switches are of one task.

    Raises
    ------
    ParameterError
        If there is no such network.
    """
    require_known(network, NETWORKS, what="network")
    if network == "corrected":
        return Switches()
    return Switches().changed(
        on=[name for name in NAMES if name not in _OF_SOME_TASKS or name == _ONE_TASK.get(task)]
    )
