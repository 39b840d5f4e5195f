"""The impulse response between dry and wet recordings, how much of the wet it explains, and where it is not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import MAX_CHANNELS, as_audio, require_sample_rate
from mixrules.analysis import decay_curve
from mixrules.errors import AudioError, ParameterError
from mixrules.matching.deconvolution import solved
from mixrules.matching.response_offset import find_onset, lag_of, onset_samples

Floats = npt.NDArray[np.float64]

KNOWN_DB = -10.0
"""A band of a response is known where its expected error lies at least so far below it."""

_LEAST_S = 0.1
_COARSE_HZ = 8000  # the rate at which the offset and the length of the response are found
_LONGEST_S = 10.0
_SHARE_OF_TAKE = 0.5  # a response is no longer than this share of all takes together
_LEAD_S = 0.02  # how far off the first estimate of an offset may be
_REFINED_WITHIN_S = 0.1
_MUCH_BETTER = 0.5
_LONGER = 1.15  # a length that grows by less is that of the response
_BEFORE_ONSET_S = 0.001
_MARGIN, _MARGIN_S = 1.2, 0.05  # beyond where its decay meets the noise
_LONGER_BY, _DECAY_DB, _BLOCKS = 1.5, 50.0, 32  # a response that is cut off is made longer
_FADE_S = 0.02
_LEAST_EXPLAINED = 0.15  # of songs that have nothing to do with each other, a filter explains up to a tenth
_LEAST_EXPLAINED_WHERE_DRY = 0.5  # single bands, which may hold most of the dry energy, vary more


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedResponse:
    """An impulse response between dry and wet recordings.

    Attributes
    ----------
    response : ndarray of float64, shape (samples, channels)
        A channel for each of the wet recording; the dry sound starts at its first sample, unless `offsets_s` says
        otherwise.
    sample_rate : int
        Hz.
    offsets_s : tuple of float
        By how much each wet take lagged behind its dry one beyond what a pre-delay explains; taken out.
    residual_db : float
        Energy of the wet takes that is left when the convolved dry ones are subtracted, against that of the wet ones,
        corrected for what a filter of this length explains of any signal.
    residual_where_dry_db : float
        The same residual, each band counting by the energy that the dry takes have in it: much lower where the wet takes
        hold something else above or below that (hiss above a low pass).
    frequencies_hz : tuple of float
        Centres of third-octave bands.
    band_residual_db : tuple of float
        The same residual in each band; NaN where the wet takes have nothing.
    band_error_db : tuple of float
        Expected error of the response against the response itself in each band: near 0 where the dry takes have too
        little energy to tell, or noise hides what they cause.
    """

    response: Floats
    sample_rate: int
    offsets_s: tuple[float, ...]
    residual_db: float
    residual_where_dry_db: float
    frequencies_hz: tuple[float, ...]
    band_residual_db: tuple[float, ...]
    band_error_db: tuple[float, ...]

    @property
    def known(self) -> tuple[bool, ...]:
        """Whether the response is known in each band: its expected error lies 10 dB or more below it."""
        return tuple(error <= KNOWN_DB for error in self.band_error_db)

    @property
    def explained_share(self) -> float:
        """The share of the wet takes' energy that the response explains, 0 to 1."""
        return max(0.0, 1.0 - float(10.0 ** (self.residual_db / 10.0)))

    @property
    def explained_share_where_dry(self) -> float:
        """The share that the response explains where the dry takes have their energy, 0 to 1."""
        return max(0.0, 1.0 - float(10.0 ** (self.residual_where_dry_db / 10.0)))


def extract_response(
    dry: npt.ArrayLike | Sequence[npt.ArrayLike],
    wet: npt.ArrayLike | Sequence[npt.ArrayLike],
    sample_rate: int,
    *,
    length_s: float | None = None,
    max_pre_delay_s: float = 0.5,
    names: Sequence[tuple[str, str]] | None = None,
) -> ExtractedResponse:
    """Return the impulse response that makes the wet recording of the dry one.

    Parameters
    ----------
    dry : array_like, shape (samples, channels) or (samples,), or a list of such
        The sound without reverb; its channels are averaged. A list of arrays, or of lists that are longer than samples
        have channels, holds several takes.
    wet : array_like, shape (samples, channels) or (samples,), or a list of such
        The same sound with reverb, or the reverb alone; as many takes, all of as many channels. A take counts as far as
        the shorter of the two goes.
    sample_rate : int
        Hz, of all of them.
    length_s : float, optional
        Length of the response; by default up to where it sinks into what is not explained, at most 10 s.
    max_pre_delay_s : float
        A response that begins within so long after the dry sound keeps its beginning; of any other the offset
        is taken out.
    names : sequence of (str, str), optional
        What errors call each dry take and its wet one, e.g. their files.

    Returns
    -------
    ExtractedResponse
        The response, what it leaves of the wet takes, and where it is not known.

    Raises
    ------
    AudioError
        If a take is not usable, is silent or shorter than 0.1 s, if the takes do not go together, or if hardly any of the
        wet takes follows from the dry ones by a filter.
    ParameterError
        If another argument is out of range.

    Notes
    -----
    The filter h minimises the sum over the takes of ``|wet - h * dry|²``, so that at each frequency a take counts by its
    dry energy there, plus ``r(f) |H(f)|²`` with r the noise power in the residual times the length of h over its energy:
    Wiener's weight, by which frequencies without dry energy are left at nothing instead of at noise. What lies beyond the
    end of a recording does not count.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules.matching import extract_response
    >>> from mixrules.processors import ReverbParams, reverberate
    >>> dry = np.random.default_rng(0).standard_normal(96_000)
    >>> wet = reverberate(dry, 48_000, ReverbParams(t60_s=0.4))
    >>> extract_response(dry, wet, 48_000).residual_db < -40
    True
    """
    sample_rate = require_sample_rate(sample_rate)
    if length_s is not None and not _LEAST_S / 10 <= length_s <= 60.0:
        raise ParameterError(f"length_s must be {_LEAST_S / 10:g} to 60 seconds, got {length_s!r}")
    if not 0.0 <= max_pre_delay_s <= 10.0:
        raise ParameterError(f"max_pre_delay_s must be 0 to 10, got {max_pre_delay_s!r}")
    takes = _takes(dry, wet, sample_rate, names)
    called = list(names) if names is not None else _names(len(takes))
    origins, coarse_s = _first_look(takes, sample_rate, max_pre_delay_s)
    moved = [
        _moved(*take, origin, sample_rate, *name)
        for take, origin, name in zip(takes, origins, called, strict=True)
    ]
    most = round(_SHARE_OF_TAKE * sum(len(take) for take, _ in moved))
    taps = max(min(round((length_s or coarse_s) * sample_rate), most), 16)
    if len(takes) > 1:
        origins = _refined(takes, origins, taps, sample_rate)
        moved = [
            _moved(*take, origin, sample_rate, *name)
            for take, origin, name in zip(takes, origins, called, strict=True)
        ]
    found, spectra = solved(moved, taps, sample_rate)
    while length_s is None and taps < min(most, _LONGEST_S * sample_rate) and _is_cut_off(found, sample_rate):
        taps = min(most, round(_LONGEST_S * sample_rate), round(_LONGER_BY * taps))
        found, spectra = solved(moved, taps, sample_rate)
    explained = 1.0 - spectra.residual_share
    where_dry = 1.0 - spectra.residual_share_where_dry
    if explained < _LEAST_EXPLAINED and where_dry < _LEAST_EXPLAINED_WHERE_DRY:
        dry_name, wet_name = called[0] if len(called) == 1 else ("the dry ones", "what the wet takes hold")
        raise AudioError(
            f"{wet_name} is not a reverb of {dry_name}: a filter explains {_percent(explained)} of it, and "
            f"{_percent(where_dry)} where that has its energy; {_percent(_LEAST_EXPLAINED)}, or there "
            f"{_percent(_LEAST_EXPLAINED_WHERE_DRY)}, is needed"
        )
    response, start = _trimmed(found, origins[0], sample_rate)
    return ExtractedResponse(
        response=response,
        sample_rate=sample_rate,
        offsets_s=tuple((origin + start) / sample_rate for origin in origins),
        residual_db=_decibels(spectra.residual_share),
        residual_where_dry_db=_decibels(spectra.residual_share_where_dry),
        frequencies_hz=tuple(spectra.centers_hz.tolist()),
        band_residual_db=tuple(spectra.residual_db.tolist()),
        band_error_db=tuple(spectra.error_db.tolist()),
    )


def _decibels(share: float) -> float:
    return 10.0 * math.log10(max(share, 1e-20))


def _percent(share: float) -> str:
    return f"{100.0 * max(share, 0.0):.0f} %"


def _takes(
    dry: object, wet: object, sample_rate: int, names: Sequence[tuple[str, str]] | None
) -> list[tuple[Floats, Floats]]:
    """Return pairs of a dry signal (samples,) and a wet one (channels, samples), checked."""
    lists = [_as_list(each) for each in (dry, wet)]
    count = len(lists[0])
    if count != len(lists[1]):
        raise AudioError(f"dry has {count} takes and wet {len(lists[1])}: each needs its own")
    names = _names(count) if names is None else names
    if len(names) != count:
        raise ParameterError(f"names has {len(names)} pairs for {count} takes: one for each is needed")
    takes = []
    for before, after, (dry_name, wet_name) in zip(*lists, names, strict=True):
        mono = as_audio(before, name=dry_name).astype(np.float64).mean(axis=1)
        channels = as_audio(after, name=wet_name).astype(np.float64).T
        for name, signal in ((dry_name, mono), (wet_name, channels)):
            seconds = signal.shape[-1] / sample_rate
            if seconds < _LEAST_S:
                raise AudioError(f"{name} is {seconds:.3g} s long: at least {_LEAST_S:g} s are needed")
            if not signal.any():
                why = ": its channels cancel each other" if signal is mono and np.any(before) else ""
                raise AudioError(f"{name} is silent{why}: nothing can be told from it")
        takes.append((mono, channels))
    counts = sorted({len(channels) for _, channels in takes})
    if len(counts) > 1:
        raise AudioError(f"the wet takes have {counts[0]} and {counts[-1]} channels: they must have as many")
    return takes


def _names(count: int) -> list[tuple[str, str]]:
    """Return what takes are called that were given no names."""
    numbers = [f" take {number}" for number in range(1, count + 1)] if count > 1 else [""]
    return [(f"dry{of}", f"wet{of}") for of in numbers]


def _as_list(signals: object) -> list[npt.ArrayLike]:
    if isinstance(signals, list | tuple) and signals and all(map(_is_take, signals)):
        return list(signals)
    return [signals]  # type: ignore[list-item]


def _is_take(signal: object) -> bool:
    """Return whether an item of a list is a signal of its own, and no sample of the channels of one."""
    if isinstance(signal, np.ndarray):
        return signal.ndim > 0
    # The samples of one take have a number each, or a short list of as many numbers as there are channels.
    return isinstance(signal, list | tuple) and (
        len(signal) > MAX_CHANNELS or any(isinstance(each, list | tuple | np.ndarray) for each in signal)
    )


def _moved(
    dry: Floats,
    wet: Floats,
    origin: int,
    sample_rate: int,
    dry_name: str = "dry",
    wet_name: str = "wet",
) -> tuple[Floats, Floats]:
    """Return both from the moment on at which the response begins, `origin` samples later in the wet recording."""
    wet = wet[:, origin:] if origin >= 0 else np.pad(wet, ((0, 0), (-origin, 0)))
    samples = min(len(dry), wet.shape[1])
    if samples < _LEAST_S * sample_rate or not dry[:samples].any() or not wet[:, :samples].any():
        raise AudioError(
            f"{dry_name} and {wet_name} have less than {_LEAST_S:g} s in common once an offset of "
            f"{origin / sample_rate:.3g} s is undone"
        )
    return dry[:samples], np.ascontiguousarray(wet[:, :samples])


def _first_look(
    takes: list[tuple[Floats, Floats]], sample_rate: int, max_pre_delay_s: float
) -> tuple[list[int], float]:
    """Return where each response may begin, and how long the longest is, from extractions at a low sample rate."""
    import soxr

    rate = min(_COARSE_HZ, sample_rate)
    origins, longest_s = [], 0.0
    for dry, wet in takes:
        low = soxr.resample(dry, sample_rate, rate)
        low_wet = np.array([soxr.resample(each, sample_rate, rate) for each in wet])
        onset = find_onset(low, low_wet)
        # Both recordings usually begin together; where the wet one was cut otherwise, that explains it much better.
        elsewhere = onset - round(_LEAD_S * rate)
        in_common = min(len(low), low_wet.shape[1] - elsewhere)
        alike = 0 <= onset <= max_pre_delay_s * rate or in_common < _LEAST_S * rate
        tried = [0] if alike else [0, elsewhere]
        moved = [_moved(low, low_wet, origin, rate) for origin in tried]
        found = [
            _Coarse(*each, rate, min(_LONGEST_S, _SHARE_OF_TAKE * len(each[0]) / rate)) for each in moved
        ]
        # What lies outside of what both have in common is not explained either.
        shares = [np.sum(each**2) / np.sum(low_wet**2) for _, each in moved]
        left = [1.0 - share * (1.0 - each.left) for share, each in zip(shares, found, strict=True)]
        best = int(len(tried) > 1 and left[1] < _MUCH_BETTER * left[0])
        origins.append(round(tried[best] * sample_rate / rate))
        longest_s = max(longest_s, found[best].settled_s())
    return origins, longest_s


class _Coarse:
    """The response at a low sample rate.

    Attributes
    ----------
    left : float
        The share of the wet signal that it does not explain.
    seconds : float
        Its length until it sinks into what is not explained.
    """

    def __init__(self, dry: Floats, wet: Floats, rate: int, longest_s: float) -> None:
        self._of, self._longest_s = (dry, wet, rate), longest_s
        found, spectra = solved([(dry, wet)], max(16, round(longest_s * rate)), rate)
        curve = decay_curve(found.T, rate)
        self.left = spectra.residual_share
        self.seconds = (onset_samples(found) + len(curve)) / rate

    def settled_s(self) -> float:
        """Return how long the response is once a filter as long as it needs leaves less noise in its tail."""
        shorter_s = min(self._longest_s, 2.0 * self.seconds + _MARGIN_S)
        again = _Coarse(*self._of, shorter_s)
        if again.seconds > _LONGER * self.seconds and shorter_s < self._longest_s:
            return again.settled_s() if again.seconds > 0.9 * shorter_s else _with_margin(again.seconds)
        return _with_margin(max(self.seconds, again.seconds))


def _is_cut_off(found: Floats, sample_rate: int) -> bool:
    """Return whether a response ends before it has decayed by 50 dB, and not because noise hides the rest."""
    if onset_samples(found) + len(decay_curve(found.T, sample_rate)) < found.shape[1]:
        return False
    power = np.sum(found**2, axis=0)
    blocks = power[: len(power) // _BLOCKS * _BLOCKS].reshape(_BLOCKS, -1).mean(axis=1)
    return bool(blocks[-1] > blocks.max() * 10.0 ** (-_DECAY_DB / 10.0))


def _with_margin(seconds: float) -> float:
    return seconds * _MARGIN + _MARGIN_S


def _refined(
    takes: list[tuple[Floats, Floats]], origins: list[int], taps: int, sample_rate: int
) -> list[int]:
    """Return the origins of several takes so that all responses lie as that of the first one."""
    found, _ = solved([_moved(*takes[0], origins[0], sample_rate)], taps, sample_rate)
    within = round(_REFINED_WITHIN_S * sample_rate)
    return [
        origins[0],
        *(
            origin + lag_of(found, *_moved(*take, origin, sample_rate), within)
            for take, origin in zip(takes[1:], origins[1:], strict=True)
        ),
    ]


def _trimmed(found: Floats, origin: int, sample_rate: int) -> tuple[Floats, int]:
    """Return the response from where it begins, (samples, channels), and by how much that is later than `origin`."""
    # Where the recordings were cut alike, what precedes the response is its pre-delay.
    start = max(0, onset_samples(found) - round(_BEFORE_ONSET_S * sample_rate)) if origin else 0
    response = found[:, start:].T.copy()
    fade = min(round(_FADE_S * sample_rate), len(response) // 4)
    if fade:
        response[-fade:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade))[:, np.newaxis]
    return response, start
