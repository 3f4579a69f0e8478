"""The keys of the Cost screen."""

from __future__ import annotations

from fttui.ui.actions import Action

WHERE = "cost"

ACTIONS: tuple[Action, ...] = (
    Action("cost.choose", ("u",), "Use it", "Count and price with this model; enter does it too", WHERE, "choose"),
    Action(
        "cost.break_even", ("b",), "Break-even", "Say after how many calls the training has paid", WHERE, "break_even"
    ),
    Action("cost.load", ("t",), "Load", "Say whether a daily load fits into a rate limit", WHERE, "load"),
    Action("cost.compare", ("v",), "Versus", "Compare with this model, as the one calls go to now", WHERE, "compare"),
    Action("cost.inputs", ("e",), "Inputs", "Fill in the calls: models, tokens, calls a day", WHERE, "inputs"),
    Action("cost.money", ("c",), "Currency", "Set the currency, its rate and the epochs", WHERE, "money"),
    Action(
        "cost.tokens",
        ("d",),
        "Tokens",
        "Show how many tokens the examples have: their distribution",
        WHERE,
        "tokens",
        in_footer=False,
    ),
    Action(
        "cost.batch", ("B",), "Batch", "Compare calls at batch prices, or not", WHERE, "toggle_batch", in_footer=False
    ),
    Action(
        "cost.back", ("escape",), "Back", "Leave the field, then go back to the models", WHERE, "back", in_footer=False
    ),
)
