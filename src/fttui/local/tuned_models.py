"""The models that jobs made: names for folders with adapters."""

from __future__ import annotations

import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fttui.core.db import Database
from fttui.core.server_state import local_dir
from fttui.local.schema import next_number


@dataclass(frozen=True, slots=True)
class TunedModel:
    """An adapter over a base model, with a name of its own."""

    id: str
    created_at: int
    base: str
    job: str
    folder: Path
    is_checkpoint: bool

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

    def add(self, model_id: str, *, base: str, job: str, folder: Path, is_checkpoint: bool) -> None:
        """Give an adapter that is on the disk its name."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO models(id, seq, created_at, base, job, folder, is_checkpoint) "
                f"VALUES (?, {next_number('models')}, ?, ?, ?, ?, ?)",
                (model_id, int(time.time()), base, job, folder.name, int(is_checkpoint)),
            )

    def find(self, model_id: str) -> TunedModel | None:
        row = self._database.row("SELECT * FROM models WHERE id = ?", (model_id,))
        return self._model(row) if row else None

    def of_base(self, base: str) -> list[TunedModel]:
        """The finished models over ``base``, oldest first (checkpoints answer, but are listed with their job)."""
        sql = "SELECT * FROM models WHERE base = ? AND NOT is_checkpoint ORDER BY seq"
        return [self._model(row) for row in self._database.rows(sql, (base,))]

    def delete(self, model: TunedModel) -> None:
        """Remove a model and its adapter; a finished model takes its checkpoints along."""
        with self._database.write() as connection:
            if model.is_checkpoint:
                connection.execute("DELETE FROM models WHERE id = ?", (model.id,))
            else:
                connection.execute("DELETE FROM models WHERE job = ?", (model.job,))
        shutil.rmtree(model.folder if model.is_checkpoint else model.folder.parent, ignore_errors=True)

    def _model(self, row: sqlite3.Row) -> TunedModel:
        folder = self._folder / row["job"] / row["folder"]
        return TunedModel(row["id"], row["created_at"], row["base"], row["job"], folder, bool(row["is_checkpoint"]))
