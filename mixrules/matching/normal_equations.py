"""The filter that makes one signal of another by least squares: normal equations of takes of any length.

What follows the end of a recording was not recorded and does not count. Apart from that the matrix is Toeplitz: it is
kept as an autocorrelation and the last seconds of each take, and never formed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]

_BLOCK_TAPS = 3  # the takes are read in blocks of so many times the filter's length
_LEAST_BLOCK = 1 << 15


class NormalEquations:
    """Sums over takes that determine the filter; memory depends on its length, not on that of the takes.

    Parameters
    ----------
    taps : int
        Length of the filter.
    channels : int
        Channels of the signal that is explained.

    Attributes
    ----------
    power : ndarray of float64, shape (bins,)
        Energy spectrum of the takes before the filter, summed.
    samples : int
        Samples explained so far, of each channel.
    """

    def __init__(self, taps: int, channels: int) -> None:
        from scipy.fft import next_fast_len

        self.taps, self.channels, self.samples = taps, channels, 0
        self.size = next_fast_len(2 * taps, real=True)
        self._own = np.zeros(taps)
        self._cross = np.zeros((channels, taps))
        self._ends: list[tuple[Spectrum, slice]] = []
        self._toeplitz = self.power = np.zeros(self.size // 2 + 1)

    def add(self, dry: Floats, wet: Floats) -> None:
        """Add a take: `dry` of shape (samples,), `wet` of shape (channels, samples), both from the same moment."""
        from scipy.fft import irfft, next_fast_len, rfft

        samples, history = len(dry), self.taps - 1
        block = max(_BLOCK_TAPS * self.taps, _LEAST_BLOCK)
        size = next_fast_len(history + block, real=True)
        before = np.concatenate([np.zeros(history), dry])
        for start in range(0, samples, block):
            # Products of a block with what preceded it: with its history in front no lag wraps around.
            segment = np.conj(rfft(before[start : start + history + block], size))
            for signals, sums in ((dry[np.newaxis], self._own[np.newaxis]), (wet, self._cross)):
                part = signals[:, start : start + block]
                placed = np.pad(part, ((0, 0), (history, 0)))
                sums += irfft(rfft(placed, size) * segment, size)[:, : self.taps]
        # What the last samples of the dry signal would have caused after the end.
        last = dry[-history:] if history else dry[:0]
        if len(last):
            self._ends.append((rfft(last, self.size), slice(len(last), len(last) + history)))
        self.samples += samples
        mirrored = np.zeros(self.size)
        mirrored[: self.taps] = self._own
        mirrored[self.size - history :] = self._own[:0:-1]
        self._toeplitz = rfft(mirrored).real
        # Tapered, the autocorrelation has a spectrum without negative values.
        taper = np.abs(np.arange(self.size) - self.size * (np.arange(self.size) > self.size // 2))
        self.power = np.maximum(rfft(mirrored * np.maximum(1.0 - taper / self.taps, 0.0)).real, 0.0)

    def solve(
        self, ridge: Floats, *, start: Floats | None = None, tolerance: float = 1e-5, most_steps: int = 60
    ) -> Floats:
        """Return the filter of each channel by conjugate gradients with a circulant preconditioner.

        Parameters
        ----------
        ridge : ndarray of float64, shape (bins,)
            Energy that is added to that of the dry signal at each frequency, as many as `power`.
        start : ndarray of float64, shape (channels, taps), optional
            Where the iteration begins.
        tolerance : float
            It ends where what is left of the equations is so small a share of their right side.
        most_steps : int
            It ends after so many steps at the latest.

        Returns
        -------
        ndarray of float64, shape (channels, taps)

        References
        ----------
        .. [1] R. H. Chan, M. K. Ng, "Conjugate gradient methods for Toeplitz systems", SIAM Review 38, 1996.
        """
        found = np.zeros((self.channels, self.taps)) if start is None else start.copy()
        left = self._cross - self._product(found, ridge)
        goal = tolerance * np.linalg.norm(self._cross, axis=1)
        conditioned = self._conditioned(left, ridge)
        direction = conditioned.copy()
        before = np.sum(left * conditioned, axis=1)
        for _ in range(most_steps):
            if np.all(np.linalg.norm(left, axis=1) <= goal):
                break
            product = self._product(direction, ridge)
            curvature = np.sum(direction * product, axis=1)
            step = np.divide(before, curvature, out=np.zeros_like(before), where=curvature > 0)[:, np.newaxis]
            found += step * direction
            left -= step * product
            conditioned = self._conditioned(left, ridge)
            after = np.sum(left * conditioned, axis=1)
            direction *= np.divide(after, before, out=np.zeros_like(after), where=before > 0)[:, np.newaxis]
            direction += conditioned
            before = after
        return found

    def _product(self, filters: Floats, ridge: Floats) -> Floats:
        """Return the matrix of the equations times each filter."""
        from scipy.fft import irfft, rfft

        spectra = rfft(filters, self.size)
        product = irfft(spectra * (self._toeplitz + ridge), self.size)[:, : self.taps]
        for end, beyond in self._ends:
            output = irfft(spectra * end, self.size)
            # Beyond the end nothing was recorded: those outputs are taken out of the sums again.
            output[:, : beyond.start] = 0.0
            output[:, beyond.stop :] = 0.0
            product -= irfft(rfft(output, self.size) * np.conj(end), self.size)[:, : self.taps]
        return np.asarray(product)

    def _conditioned(self, filters: Floats, ridge: Floats) -> Floats:
        from scipy.fft import irfft, rfft

        return np.asarray(irfft(rfft(filters, self.size) / (self.power + ridge), self.size)[:, : self.taps])
