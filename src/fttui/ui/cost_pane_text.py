"""What the panes about calls show for what is typed: sentences and curves from a plan."""

from __future__ import annotations

from collections.abc import Sequence

from fttui.core.settings import CostSettings
from fttui.ui.cost_inputs import BASE, COMPLETION, PROMPT_BASE, PROMPT_TUNED, TRAINING, TUNED, Defaults, Plan
from fttui.ui.cost_text import NO_DAY, NO_TRAINING, call_text, load_text, pays_lines, pays_text
from fttui.ui.plot.lines import Line
from fttui.ui.widgets.meter import money


def pays_of(plan: Plan, cost: CostSettings) -> tuple[str, Sequence[Line]]:
    """When the training pays, with the curves of what was spent; "" while something cannot be used."""
    if plan.calls is None:
        return "", ()
    if plan.training is None:
        return f"{NO_TRAINING}\n{call_text(plan.calls, cost)}", ()
    pays = plan.calls.outlook(plan.training, cost.rate)
    return pays_text(pays, plan.calls, plan.training, cost), pays_lines(pays, plan.training)


def load_of(plan: Plan, cost: CostSettings) -> str:
    """What a daily load needs, or what to fill in."""
    if plan.calls is None:
        return ""
    loads = plan.calls.loads(*plan.limits, cost.rate) if plan.limits is not None else None
    return NO_DAY if loads is None or plan.limits is None else load_text(loads, plan.limits, cost)


def placeholders(defaults: Defaults, cost: CostSettings) -> dict[str, str]:
    """What an empty field stands for, by the fields' ids."""
    training = "" if defaults.training is None else money(defaults.training, cost.currency)
    return {
        BASE.id: defaults.model,
        TUNED.id: defaults.model,
        PROMPT_BASE.id: f"{defaults.prompt}",
        PROMPT_TUNED.id: f"{defaults.prompt}",
        COMPLETION.id: f"{defaults.completion}",
        TRAINING.id: training,
    }
