"""What of a fleet has been delivered: the state that the resume token and the checkpoint tell.

Two things are kept apart: what was handed out, and what of it was acknowledged. Only the latter counts as delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from skysail.caller.fleet.checkpoint import Checkpoint
from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace
from skysail.caller.fleet.token import FleetState, Position
from skysail.errors import CheckpointError, UsageError


class Ledger:
    """The account of one walk, from `state` on; on disk too, where there is a checkpoint. One thread's alone.

    `note` is the caller's own value of the last acknowledgement; `pages` and `items` count what has been acknowledged,
    over all the walks that one checkpoint has seen.
    """

    def __init__(
        self,
        state: FleetState,
        checkpoint: Checkpoint | None = None,
        *,
        note: Any = None,
        pages: int = 0,
        items: int = 0,
    ) -> None:
        self.note, self.pages, self.items = note, pages, items
        self._of = state
        self._checkpoint = checkpoint
        self._acknowledged: dict[FleetPlace, Position] = dict(state.positions)
        self._behind: dict[FleetPlace, Position] = dict(state.positions)  # the pages before the one in hand
        self._in_hand: FleetPage | None = None
        self._given = self._counted = 0  # items of the page in hand: handed out, and acknowledged
        self._pages, self._items = pages, items

    @property
    def state(self) -> FleetState:
        """What is missing, and what is not: as far as it was acknowledged."""
        positions = dict(self._acknowledged)
        if self._in_hand is not None and self._counted:
            positions[self._in_hand.place] = self._in_hand.position_behind(self._counted)
        return replace(self._of, positions=positions)

    def hand_out(self, page: FleetPage, given: int) -> None:
        """Note that a page is handed out, and so many of its items with it; the page learns the state that follows."""
        if self._in_hand is not None:
            self._behind[self._in_hand.place] = self._in_hand.after
        self._in_hand, self._given, self._counted = page, given, 0
        self._pages += 1
        self._items += given
        page.state = replace(self._of, positions={**self._behind, page.place: page.after})

    def give_item(self) -> None:
        """Note that one more item of the page in hand is handed out."""
        self._given += 1
        self._items += 1

    def count_items(self) -> None:
        """Acknowledge the items handed out of the page in hand, in memory alone. What was handed out before that page
        has been acknowledged."""
        self.items += self._given - self._counted
        self._counted = self._given

    def acknowledge(self, note: Any = None) -> None:
        """Acknowledge all that has been handed out. It is on disk when this returns, where there is a checkpoint.
        Raises CheckpointError, and nothing is acknowledged then; TypeError for a note that JSON does not have."""
        positions = dict(self._behind)
        if self._in_hand is not None:
            positions[self._in_hand.place] = self._in_hand.position_behind(self._given)
        self._write(positions, note, self._pages, self._items)
        self._acknowledged, self._counted = positions, self._given
        self.note, self.pages, self.items = note, self._pages, self._items

    def save(self) -> None:
        """Have on disk what is acknowledged, where there is a checkpoint. Raises CheckpointError."""
        self._write(self.state.positions, self.note, self.pages, self.items)

    def rewind(self) -> None:
        """Forget what was handed out and not acknowledged: it is to come again."""
        self._acknowledged = dict(self.state.positions)
        self._behind = dict(self._acknowledged)
        self._in_hand = None
        self._pages, self._items = self.pages, self.items

    def _write(self, positions: Mapping[FleetPlace, Position], note: Any, pages: int, items: int) -> None:
        if self._checkpoint is not None:
            document = replace(self._of, positions=positions).document()
            self._checkpoint.write({**document, "note": note, "pages": pages, "items": items})

    def close(self) -> None:
        """Let another walk have the checkpoint."""
        if self._checkpoint is not None:
            self._checkpoint.close()


def opened(
    wanted: FleetState, checkpoint: Checkpoint | None, *, starting: FleetState | None = None, is_chosen: bool = True
) -> Ledger:
    """The ledger of a walk: from its checkpoint where that has a file, from `starting` where that is given, else from
    the beginning. Unless the places were not chosen at all, what is left must be among the wanted ones.

    Raises UsageError, CheckpointError; then the checkpoint is free again.
    """
    try:
        kept = None if checkpoint is None else _kept(checkpoint)
        if kept is not None and starting is not None:
            raise UsageError("the checkpoint knows where to go on: leave the starting token out, or give another file")
        begun = kept.state if kept is not None else starting
        state = wanted if begun is None else begun.covering(wanted if is_chosen else replace(begun, **_same(wanted)))
        if kept is None:
            ledger = Ledger(state, checkpoint)
            ledger.save()
            return ledger
        return Ledger(state, checkpoint, note=kept.note, pages=kept.pages, items=kept.items)
    except BaseException:
        if checkpoint is not None:
            checkpoint.close()
        raise


def _same(wanted: FleetState) -> dict[str, Any]:
    return {"operation": wanted.operation, "arguments": wanted.arguments}


def _kept(checkpoint: Checkpoint) -> Ledger | None:
    """What the file holds; None where there is none yet. Raises CheckpointError."""
    document = checkpoint.read()
    if document is None:
        return None
    try:
        state = FleetState.of_document(document, str(checkpoint.path))
        return Ledger(state, note=document["note"], pages=document["pages"], items=document["items"])
    except (UsageError, KeyError) as error:
        raise CheckpointError(f"{error}; give another file, or remove this one") from error
