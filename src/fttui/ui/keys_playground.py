"""The keys of the Playground screen."""

from __future__ import annotations

from fttui.ui.actions import Action

WHERE = "playground"

ACTIONS: tuple[Action, ...] = (
    Action("playground.run", ("enter",), "Run", "Ask both models, also from the prompt", WHERE, "run", priority=True),
    Action("playground.stop", ("escape",), "Stop", "Stop the answers, or leave the prompt", WHERE, "stop"),
    Action("playground.edit", ("e", "i"), "Prompt", "Write the prompt", WHERE, "edit_prompt"),
    Action("playground.model", ("m",), "Model", "Choose the model of this pane", WHERE, "model"),
    Action("playground.settings", ("s",), "Settings", "Set temperature, longest answer, seed", WHERE, "edit_settings"),
    Action("playground.swap", ("x",), "Swap", "Exchange the models of the panes", WHERE, "swap", in_footer=False),
    Action("playground.refresh", ("r",), "Refresh", "Ask for the list of models", WHERE, "refresh", in_footer=False),
    Action(
        "playground.newline",
        ("ctrl+j", "shift+enter", "alt+enter"),
        "New line",
        "Begin a new line in the prompt",
        WHERE,
        "newline",
        in_footer=False,
        priority=True,
    ),
)
