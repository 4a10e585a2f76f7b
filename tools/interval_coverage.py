"""Coverage of the 95 % intervals, by exact enumeration: the table of docs/statistics.md."""

from __future__ import annotations

from benchwright.statistics.coverage import newcombe_coverage, wilson_coverage

SIZES = (30, 100, 500)
"""Images a group: the least that a group should have, a usual one, and a large one."""


def main() -> None:
    """Print a line an interval and size."""
    print("| interval | n | mean | least | most |")
    print("|---|---|---|---|---|")
    for name, coverage in (("Wilson", wilson_coverage), ("Newcombe", newcombe_coverage)):
        for n in SIZES:
            held = 100 * coverage(n)
            print(f"| {name} | {n} | {held.mean():.2f} % | {held.min():.2f} % "
                  f"| {held.max():.2f} % |")  # fmt: skip


if __name__ == "__main__":
    main()
