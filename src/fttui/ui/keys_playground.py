"""Keys of the Playground screen."""

from __future__ import annotations

from fttui.ui.actions import Action

ACTIONS: tuple[Action, ...] = (
    Action("playground.run", ("enter", "ctrl+j"), "run", "Ask both models (also from the prompt)", "playground", "run"),
    Action("playground.stop", ("escape",), "stop", "Stop the answers, or leave the prompt", "playground", "stop"),
    Action("playground.edit", ("e",), "edit prompt", "Write in the user's prompt", "playground", "edit_prompt"),
    Action("playground.model", ("m",), "model", "Choose this pane's model", "playground", "choose_model"),
    Action("playground.swap", ("x",), "swap", "Exchange the two models", "playground", "swap", in_footer=False),
    Action(
        "playground.other",
        ("left", "right", "h", "l"),
        "other pane",
        "Go to the other answer",
        "playground",
        "other_pane",
    ),
    Action(
        "playground.settings",
        ("s",),
        "settings",
        "Temperature, longest answer and seed",
        "playground",
        "edit_settings",
    ),
)
