"""The elements of a DAWproject's XML: parameters with their units, the generic devices, a channel's settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement

from mixrules.errors import in_one_line
from mixrules.export.dawproject.scales import (
    DECIBELS,
    FREQUENCY,
    GAIN,
    MILLISECONDS,
    PAN,
    QUALITY,
    RATIO,
    Scale,
)
from mixrules.mixplan import MasterPlan, StemPlan
from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams

BAND_TYPES = {
    "peaking": "bell",
    "low_shelf": "lowShelf",
    "high_shelf": "highShelf",
    "high_pass": "highPass",
    "low_pass": "lowPass",
}


class Identifiers:
    """Hands out the identifiers of a project's elements."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def next(self) -> str:
        """Return one that nobody has."""
        return f"id{next(self._numbers)}"


def number(value: float) -> str:
    """Return a number as XML has it: no digit is lost."""
    return repr(float(value) + 0.0)


def truth(value: bool) -> str:
    """Return a truth value as XML has it."""
    return "true" if value else "false"


def shown_name(name: str) -> str:
    """Return a name as XML can hold it."""
    return in_one_line(name)


def real(parent: Element, tag: str, value: float, scale: Scale, *, identifier: str = "") -> Element:
    """Add a parameter with its value, in a scale's unit."""
    written = scale.written(value)
    attributes = {
        "max": number(max(scale.high, written)),
        "min": number(min(scale.low, written)),
        "unit": scale.unit,
        "value": number(written),
    }
    if identifier:
        attributes["id"] = identifier
    return SubElement(parent, tag, {**attributes, "name": tag})


def devices_of(strip: StemPlan) -> Iterator[Element]:
    """Yield the devices of a strip in the order of the chain; the input gain is the equaliser's."""
    if strip.equalizer.bands or strip.input_gain_db != 0.0:
        yield _equalizer(strip.equalizer, input_gain_db=strip.input_gain_db)
    if strip.compressor is not None:
        yield _compressor(strip.compressor)
    if strip.limiter is not None:
        yield _limiter(strip.limiter)


def devices_of_master(master: MasterPlan) -> Iterator[Element]:
    """Yield the devices of the master; the gain is the limiter's, where there is one."""
    if master.equalizer.bands:
        yield _equalizer(master.equalizer)
    if master.compressor is not None:
        yield _compressor(master.compressor)
    if master.limiter is not None:
        yield _limiter(master.limiter, input_gain_db=master.gain_db)


def channel(
    identifier: str,
    *,
    role: str,
    channels: int,
    destination: str = "",
    devices: Iterable[Element] = (),
    mute: bool = False,
    pan: float = 0.0,
    sends: Mapping[str, float] = MappingProxyType({}),
    volume_db: float = 0.0,
    volume_identifier: str = "",
) -> Element:
    """Return a mixer channel.

    Parameters
    ----------
    identifier : str
        The channel's own.
    role : str
        Of the schema's mixer roles.
    channels : int
        1 or 2.
    destination : str
        The channel that it goes to.
    devices : iterable of Element
        In order.
    mute, pan
        Its settings.
    sends : mapping of str to float
        From the channels that it sends to, to levels in dB, after the fader.
    volume_db : float
        Its fader.
    volume_identifier : str
        What an automation of the fader names.
    """
    attributes = {"audioChannels": str(channels), "role": role, "solo": "false", "id": identifier}
    if destination:
        attributes["destination"] = destination
    element = Element("Channel", attributes)
    listed = list(devices)
    if listed:
        SubElement(element, "Devices").extend(listed)
    SubElement(element, "Mute", {"value": truth(mute), "name": "Mute"})
    real(element, "Pan", pan, PAN)
    if sends:
        within = SubElement(element, "Sends")
        for target, level_db in sends.items():
            send = SubElement(within, "Send", {"destination": target, "type": "post"})
            real(send, "Volume", level_db, GAIN)
    real(element, "Volume", volume_db, GAIN, identifier=volume_identifier)
    return element


def _device(tag: str, name: str) -> Element:
    device = Element(tag, {"deviceName": name, "deviceRole": "audioFX", "loaded": "true", "name": name})
    SubElement(device, "Enabled", {"value": "true"})
    return device


def _equalizer(params: EqualizerParams, *, input_gain_db: float = 0.0) -> Element:
    device = _device("Equalizer", "Equalizer")
    for order, band in enumerate(params.bands):
        element = SubElement(device, "Band", {"type": BAND_TYPES[band.kind], "order": str(order)})
        real(element, "Freq", band.frequency_hz, FREQUENCY)
        real(element, "Gain", band.gain_db, DECIBELS)
        real(element, "Q", band.q, QUALITY)
        SubElement(element, "Enabled", {"value": "true"})
    if input_gain_db != 0.0:
        real(device, "InputGain", input_gain_db, DECIBELS)
    return device


def _compressor(params: CompressorParams) -> Element:
    device = _device("Compressor", "Compressor")
    real(device, "Attack", params.attack_ms, MILLISECONDS)
    SubElement(device, "AutoMakeup", {"value": "false"})
    real(device, "OutputGain", params.makeup_db, DECIBELS)
    real(device, "Ratio", params.ratio, RATIO)
    real(device, "Release", params.release_ms, MILLISECONDS)
    real(device, "Threshold", params.threshold_db, DECIBELS)
    return device


def _limiter(params: LimiterParams, *, input_gain_db: float = 0.0) -> Element:
    device = _device("Limiter", "Limiter")
    real(device, "Attack", params.lookahead_ms, MILLISECONDS)
    if input_gain_db != 0.0:
        real(device, "InputGain", input_gain_db, DECIBELS)
    real(device, "Release", params.release_ms, MILLISECONDS)
    real(device, "Threshold", params.ceiling_dbtp, DECIBELS)
    return device
