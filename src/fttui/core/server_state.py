"""How programs of ours find the local server: a state file and a token file in one folder, a kernel lock beside them.

The server writes them (`fttui.local`), everyone else reads them (`fttui.providers`); neither may import the other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fttui.core.atomic import write_atomic
from fttui.core.paths import data_dir, make


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a running local server says of itself."""

    pid: int
    base_url: str  # http://127.0.0.1:PORT/v1
    token_file: str
    started_at: int  # Unix seconds
    version: str


def local_dir() -> Path:
    """The local backend's folder: state, token, lock, files, adapters and its database."""
    return data_dir() / "local"


def state_file() -> Path:
    return local_dir() / "server.json"


def token_file() -> Path:
    return local_dir() / "token"


def server_lock_file() -> Path:
    """Held (by the kernel) as long as a server runs."""
    return local_dir() / "server.lock"


def start_lock_file() -> Path:
    """Held by whoever is starting a server, so that two apps do not start two."""
    return local_dir() / "start.lock"


def write_state(state: ServerState) -> None:
    make(local_dir())
    write_atomic(state_file(), [json.dumps(asdict(state), indent=1).encode()], mode=0o600)


def read_state() -> ServerState | None:
    """The state file's content, or None when there is none or it is not ours to understand. It may be stale."""
    try:
        return ServerState(**json.loads(state_file().read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def read_token(path: str | Path | None = None) -> str:
    """The bearer token.

    Raises:
        OSError: There is no token file.
    """
    return Path(path or token_file()).read_text("ascii").strip()
