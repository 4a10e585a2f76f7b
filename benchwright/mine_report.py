"""What the command line says about mining."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchwright import console

if TYPE_CHECKING:
    from benchwright.curation.mining.confirm import Verdict
    from benchwright.curation.pipeline.mine import Mined
    from benchwright.curation.pipeline.work import Step
    from benchwright.mined_findings import Findings


def mine_summary(found: Mined) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "steps": [
            {"step": of.name, "redone": of.redone, "seconds": of.seconds, "taken": of.taken,
             "kept": of.kept, "reasons": dict(of.reasons)}
            for of in found.steps
        ],
        "classes": [_verdict(of) for of in found.groups.verdicts] if found.groups else [],
        "findings": asdict(found.findings) if found.findings else None,
        "folder": str(found.folder) if found.folder else None,
    }  # fmt: skip


def _verdict(of: Verdict) -> dict[str, Any]:
    drop = of.confirmation
    return {
        "class": of.cls,
        "outcome": of.outcome.value,
        "detail": of.detail,
        "common": of.pair.common if of.pair else None,
        "counter": of.pair.counter if of.pair else None,
        "drop_discovery": of.discovery.drop if of.discovery else None,
        "drop_confirmation": drop.drop if drop else None,
        "low": drop.low if drop else None,
        "high": drop.high if drop else None,
    }


def show_mine(found: Mined) -> None:
    """Print what each step did, the pairs, and what to do next."""
    console.table("steps", ("step", "in", "on", "left out", "seconds"), [
        (of.name, f"{of.taken:,}", f"{of.kept:,}", _reasons(of),
         f"{of.seconds:,.1f}" if of.redone else "kept")
        for of in found.steps
    ])  # fmt: skip
    if found.groups:
        asked = {of.pair.cls: of for of in found.stability}
        console.table(
            "common and counter groups, drop on the confirmation half in points",
            ("class", "common", "counter", "found with", "drop", "95 % interval", "holds", ""),
            [_row(of, asked) for of in found.groups.verdicts],
        )
        confirmed = len(found.groups.confirmed)
        console.say(f"{confirmed} of {len(found.groups.verdicts)} classes have a confirmed pair")
    if found.findings:
        _show_findings(found.findings)
    if found.folder:
        console.say(f"{found.folder}: written")
        shown = (f"benchwright {do} {found.folder}" for do in ("show", "card", "verify"))
        console.next_step(*shown)


def _show_findings(found: Findings) -> None:
    """What is known of the judge, and of the people who looked."""
    if found.judge:
        of = found.judge.overall
        console.say(
            f"the judge, on {of.n:,} images whose truth is known: vouches for "
            f"{_percent(of.vouched, of.n)}, names the background of {_percent(of.named, of.n)}, "
            f"rightly in {_percent(of.right, of.named)}; vouches for {found.judge.wrong_vouched:,} "
            f"of {found.judge.wrong_claims:,} wrong claims"
        )
    if found.review:
        of_people = found.review
        kappa = "none" if of_people.kappa is None else f"{of_people.kappa:.2f}"
        console.say(
            f"review: {of_people.decisions:,} images by {of_people.people:,} people, "
            f"{of_people.disputed:,} disputed, Cohen's kappa {kappa} on {of_people.shared:,}"
        )
        if of_people.unmet:
            plural = "" if of_people.unmet == 1 else "s"
            console.say(f"review: {of_people.unmet:,} decision{plural} of none of these images")


def _percent(k: int, n: int) -> str:
    return f"{100 * k / n:.1f} %" if n else "none"


def _reasons(of: Step) -> str:
    ordered = sorted(of.reasons.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count:,} {reason}" for reason, count in ordered)


def _row(of: Verdict, asked: dict[str, Any]) -> tuple[str, ...]:
    if of.pair is None or of.discovery is None or of.confirmation is None:
        return (of.cls, "", "", "", "", "", "", of.outcome.value)
    drop, other = of.confirmation, asked.get(of.cls)
    holds = f"{other.confirmed} of {len(other.answers)}" if other else ""
    return (
        of.cls, of.pair.common, of.pair.counter, f"{100 * of.discovery.drop:+.0f}",
        f"{100 * drop.drop:+.0f}", f"{100 * drop.low:+.0f} to {100 * drop.high:+.0f}", holds,
        "" if of.confirmed else f"{of.outcome.value}, p {of.adjusted:.2g}",
    )  # fmt: skip
