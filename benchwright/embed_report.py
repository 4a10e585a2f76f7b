"""What ``embed`` says when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwright import console

if TYPE_CHECKING:
    from benchwright.curation.embed.report import Report
    from benchwright.curation.embeddings import EmbeddingSet

LIMITS = {
    "encode": "the model limits: a faster device would help",
    "copy": "copying to the device limits: a larger --batch may help",
    "decode": "decoding limits: more --workers, smaller stored images or --mode fast would help",
    "read": "reading shards limits: faster storage would help",
}
"""What to do about each part of the work that can take longest."""


def embed_summary(report: Report) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "sets": [_summary(embeddings) for embeddings in report.sets],
        "shards": report.shards,
        "kept": report.kept,
        "samples": report.samples,
        "reasons": report.reasons,
        "broken": report.broken,
        "unfinished": list(report.unfinished),
        "workers": report.workers,
        "lanes": report.lanes,
        "seconds": report.seconds.to_dict(),
    }


def _summary(embeddings: EmbeddingSet) -> dict[str, Any]:
    return {
        "folder": str(embeddings.folder),
        "model": embeddings.identity.id,
        "sha256": embeddings.identity.sha256,
        "mode": embeddings.mode,
        "parts": len(embeddings.parts),
        "samples": embeddings.samples,
        "rejects": sum(part.rejects for part in embeddings.parts),
    }


def show_embed(report: Report) -> None:
    """Print the outcome: sets, reasons, where the time went, and what to do next."""
    rows = [
        (s["folder"], s["model"], s["mode"], f"{s['samples']:,}", f"{s['rejects']:,}")
        for s in (_summary(embeddings) for embeddings in report.sets)
    ]
    console.table("embeddings", ("folder", "model", "mode", "samples", "rejected"), rows)
    show_reasons(report.reasons)
    for shard, wrong in report.broken.items():
        console.fail(f"{shard}: {wrong}; what came before it is used, the rest is not")
    for shard in report.unfinished:
        console.say(f"{shard}: its downloader has not finished it; left out")
    _show_time(report)


def show_reasons(reasons: dict[str, int]) -> None:
    """Print a table of reasons, if there are any."""
    if reasons:
        rows = [(reason, f"{count:,}") for reason, count in reasons.items()]
        console.table("rejected", ("reason", "samples"), rows)


def _show_time(report: Report) -> None:
    seconds = report.seconds
    rate = report.samples / max(seconds.elapsed, 1e-9)
    console.say(
        f"{report.samples:,} samples of {report.shards:,} shards in {seconds.elapsed:.1f} s, "
        f"{rate:,.0f} a second; {report.kept:,} shards were done before"
    )
    if seconds.limit:
        console.say(
            f"{report.workers} readers: read {seconds.read:.1f} s, decode {seconds.decode:.1f} s; "
            f"{report.lanes} lanes: copy {seconds.copy:.1f} s, encode {seconds.encode:.1f} s, "
            f"wait {seconds.wait:.1f} s; write {seconds.write:.1f} s: {LIMITS[seconds.limit]}"
        )
