"""The models that jobs made: names for folders with adapters."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fttui.core.db import Database
from fttui.core.server_state import local_dir
from fttui.local.schema import next_number

Reads = Literal["chat", "completion"]
"""What a model was trained on: conversations in its chat template, or plain prompts and completions."""


@dataclass(frozen=True, slots=True)
class TunedModel:
    """An adapter over a base model, with a name of its own."""

    id: str
    created_at: int
    base: str
    job: str
    folder: Path
    is_checkpoint: bool
    reads: Reads = "chat"
    losses: Mapping[str, float] | None = None
    """On the weights trained over (``quantised``) and before they were quantised (``original``), where measured."""

    def as_object(self) -> dict[str, Any]:
        return model_object(self.id, self.created_at, "user-local")


def model_object(model_id: str, created_at: int, owner: str) -> dict[str, Any]:
    """OpenAI's ``model``."""
    return {"id": model_id, "object": "model", "created": created_at, "owned_by": owner, "shutdown_date": None}


class ModelStore:
    """The fine-tuned models of one local server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = local_dir() / "adapters"

    def folder_of_job(self, job_id: str) -> Path:
        """Where a job's worker writes its adapters; ``job_id`` must come from the database."""
        return self._folder / job_id

    def job_folders(self) -> list[Path]:
        """The folders of all jobs that have one."""
        return [folder for folder in self._folder.glob("*") if folder.is_dir()]

    def add(
        self,
        model_id: str,
        *,
        base: str,
        job: str,
        folder: Path,
        is_checkpoint: bool,
        reads: Reads = "chat",
        losses: Mapping[str, float] | None = None,
    ) -> None:
        """Give an adapter that is on the disk its name; nothing happens when it has it already."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO models(id, seq, created_at, base, job, folder, is_checkpoint, reads, losses) "
                f"VALUES (?, {next_number('models')}, ?, ?, ?, ?, ?, ?, ?)",
                (
                    model_id,
                    int(time.time()),
                    base,
                    job,
                    folder.name,
                    int(is_checkpoint),
                    reads,
                    json.dumps(losses) if losses else None,
                ),
            )

    def forget(self, model_id: str) -> None:
        """Take a model's name away; its adapter stays for `fttui local prune`."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM models WHERE id = ?", (model_id,))

    def find(self, model_id: str) -> TunedModel | None:
        row = self._database.row("SELECT * FROM models WHERE id = ?", (model_id,))
        return self._model(row) if row else None

    def of_base(self, base: str) -> list[TunedModel]:
        """The finished models over ``base``, oldest first (checkpoints answer, but are listed with their job)."""
        sql = "SELECT * FROM models WHERE base = ? AND NOT is_checkpoint ORDER BY seq"
        return [self._model(row) for row in self._database.rows(sql, (base,))]

    def delete(self, model: TunedModel) -> None:
        """Remove a model or a checkpoint and its adapter; the other checkpoints of its job stay."""
        self.forget(model.id)
        shutil.rmtree(model.folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # others are in it, or the state of a training
            model.folder.parent.rmdir()

    def _model(self, row: sqlite3.Row) -> TunedModel:
        return TunedModel(
            id=row["id"],
            created_at=row["created_at"],
            base=row["base"],
            job=row["job"],
            folder=self._folder / row["job"] / row["folder"],
            is_checkpoint=bool(row["is_checkpoint"]),
            reads=row["reads"],
            losses=json.loads(row["losses"]) if row["losses"] else None,
        )
