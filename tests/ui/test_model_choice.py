"""Which models are offered, and which two the playground begins with."""

from __future__ import annotations

from fttui.ui.model_choice import ListedModel, default_pair, ordered

BASE = ListedModel("SmolLM2-135M")
OLD = ListedModel("ft:SmolLM2-135M:local:tone:aaaaaa", 100)
NEW = ListedModel("ft:SmolLM2-135M:local:sport:bbbbbb", 200)
CHECKPOINT = ListedModel("ft:SmolLM2-135M:local:sport:bbbbbb:ckpt-step-8", 150)


def test_parts_of_an_id() -> None:
    assert (NEW.base, NEW.short, NEW.is_tuned, NEW.is_checkpoint) == ("SmolLM2-135M", "ft:…:sport:bbbbbb", True, False)
    assert CHECKPOINT.is_checkpoint
    assert (BASE.base, BASE.short, BASE.is_tuned) == ("SmolLM2-135M", "SmolLM2-135M", False)
    assert ListedModel("ft:").base == ""


def test_the_order_is_tuned_then_base_then_checkpoints() -> None:
    assert ordered([CHECKPOINT, BASE, OLD, NEW, NEW]) == [NEW, OLD, BASE, CHECKPOINT]


def test_the_newest_tuned_model_meets_its_own_base() -> None:
    other = ListedModel("a-base")
    assert default_pair([other, BASE, OLD, NEW, CHECKPOINT]) == (BASE.id, NEW.id)
    assert default_pair([other, BASE], preferred=BASE.id) == (BASE.id, "")
    assert default_pair([NEW]) == ("", NEW.id)
    assert default_pair([]) == ("", "")
