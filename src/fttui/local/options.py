"""How a local server is to serve: what the settings and the command line may say."""

from __future__ import annotations

from dataclasses import dataclass

from fttui.core.settings import LocalSettings


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to serve. The fields are those of `fttui.core.settings.LocalSettings`, which says what they mean."""

    port: int = 0
    weights: str = ""
    threads: int = 0
    idle_minutes: float = 15.0
    host: str = ""
    names: tuple[str, ...] = ()
    engine: str = "numpy"
    save_seconds: float = 20.0
    original_weights: str = ""

    @classmethod
    def of(cls, settings: LocalSettings) -> ServerOptions:
        """As the settings say."""
        return cls(
            port=settings.port,
            weights=settings.weights,
            threads=settings.threads,
            idle_minutes=settings.idle_minutes,
            host=settings.host,
            names=settings.names,
            engine=settings.engine,
            save_seconds=settings.save_seconds,
            original_weights=settings.original_weights,
        )
