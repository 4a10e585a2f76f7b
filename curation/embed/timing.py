"""Where the time of an embedding run goes."""

from __future__ import annotations

from dataclasses import dataclass

BUSY = 0.9
"""Share of their time that the encoder's lanes work, above which they are what limits."""


@dataclass(slots=True)
class Seconds:
    """Seconds spent, summed over the processes and threads that spent them.

    Attributes:
        read: fetching, hashing and reading shards.
        decode: decoding, cropping and measuring images.
        copy: bringing batches to the device.
        encode: the models.
        write: part files.
        elapsed: of the clock on the wall.
        lanes: elapsed seconds of every lane of the encoder together.
    """

    read: float = 0.0
    decode: float = 0.0
    copy: float = 0.0
    encode: float = 0.0
    write: float = 0.0
    elapsed: float = 0.0
    lanes: float = 0.0

    def add(self, other: Seconds) -> None:
        """Add what another device, or another pass, has spent; ``elapsed`` is left alone."""
        self.read += other.read
        self.decode += other.decode
        self.copy += other.copy
        self.encode += other.encode
        self.write += other.write
        self.lanes += other.lanes

    @property
    def wait(self) -> float:
        """Seconds that the encoder's lanes had nothing to do."""
        return max(0.0, self.lanes - self.encode - self.copy)

    @property
    def limit(self) -> str:
        """What takes longest: giving more of it makes the run faster; empty if nothing ran."""
        if not self.lanes:
            return ""
        if self.encode + self.copy >= BUSY * self.lanes:
            return "encode" if self.encode >= self.copy else "copy"
        return "decode" if self.decode >= self.read else "read"

    def to_dict(self) -> dict[str, float | str]:
        """All of it, in seconds to the millisecond, for JSON."""
        spent = {
            "read": self.read, "decode": self.decode, "copy": self.copy, "encode": self.encode,
            "write": self.write, "wait": self.wait, "elapsed": self.elapsed,
        }  # fmt: skip
        return {**{name: round(value, 3) for name, value in spent.items()}, "limit": self.limit}
