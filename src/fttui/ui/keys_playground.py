"""The keys of the Playground screen."""

from __future__ import annotations

from fttui.ui.actions import Action

_RUN = "Ask both models; enter in the prompt does it too"

ACTIONS: tuple[Action, ...] = (
    Action("playground.run", ("enter",), "Run", _RUN, "playground", "run", in_footer=True, priority=True),
    Action(
        "playground.newline", ("ctrl+j", "shift+enter", "alt+enter"), "New line", "Begin a new line in the prompt",
        "playground", "newline", priority=True,
    ),
    Action(
        "playground.stop", ("escape",), "Stop", "Stop the answers; without any, leave the prompt", "playground", "stop",
        in_footer=True,
    ),
    Action("playground.edit", ("e", "i"), "Prompt", "Write the prompt", "playground", "edit_prompt", in_footer=True),
    Action("playground.model", ("m",), "Model", "Choose the model of this pane", "playground", "model", in_footer=True),
    Action("playground.settings", ("s",), "Settings", "Set temperature, longest answer and seed", "playground",
           "edit_settings", in_footer=True),
    Action("playground.swap", ("x",), "Swap", "Exchange the models of the two panes", "playground", "swap"),
    Action("playground.refresh", ("r",), "Refresh", "Ask the provider for its models", "playground", "refresh_models"),
    Action("playground.down", ("j",), "Down", "Scroll this answer down", "playground", "scroll(1)"),
    Action("playground.up", ("k",), "Up", "Scroll this answer up", "playground", "scroll(-1)"),
)  # fmt: skip
