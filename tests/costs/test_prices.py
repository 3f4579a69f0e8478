"""The price table, and what the user puts over it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from fttui.core.errors import SettingsError
from fttui.costs.money import show_money
from fttui.costs.price_file import read_providers
from fttui.costs.prices import (
    UsePrices,
    all_prices,
    billing_of,
    local_price,
    own_prices_file,
    price_for,
    read_prices,
    training_id,
    use_prices_for,
)


@pytest.mark.parametrize(
    ("model", "training", "tuned"),
    [
        ("gpt-4.1", "25", ("3", "12")),
        ("gpt-4.1-mini", "5", ("0.8", "3.2")),
        ("gpt-4.1-nano-2025-04-14", "1.5", ("0.2", "0.8")),
        ("gpt-4o-2024-08-06", "25", ("3.75", "15")),
        ("gpt-4o-mini", "3", ("0.3", "1.2")),
        ("gpt-3.5-turbo-0125", "8", ("3", "6")),
        ("davinci-002", "6", ("12", "12")),
        ("babbage-002", "0.4", ("1.6", "1.6")),
        ("ft:gpt-4.1-mini-2025-04-14:org:tone:abc:ckpt-step-9", "5", ("0.8", "3.2")),
    ],
)
def test_tunable_models(model: str, training: str, tuned: tuple[str, str]) -> None:
    price = price_for(model)
    assert price is not None
    assert price.training == Decimal(training)
    assert price.tuned is not None
    assert (price.tuned.input, price.tuned.output) == tuple(map(Decimal, tuned))


def test_every_row_says_when_and_where_it_was_read() -> None:
    for price in all_prices():
        assert re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", price.as_of), price.model
        assert price.source, price.model
        assert price.training is not None or price.training_hour is not None or price.base is not None or price.methods


def test_reinforcement_is_priced_by_the_hour() -> None:
    price = price_for("o4-mini")
    assert price is not None
    assert (price.training, price.training_hour) == (None, Decimal(100))


@pytest.mark.parametrize("model", ["SmolLM2-135M", "ft:SmolLM2-135M:local:tone:abc123", "ft:other:local::abc123"])
def test_local_models_cost_nothing(model: str) -> None:
    price = price_for(model)
    assert price == local_price(model)
    assert price is not None
    assert price.is_local
    assert price.training == 0
    assert price.source == "your own machine"


def test_an_unknown_model_has_no_price() -> None:
    assert price_for("no-such-model") is None
    assert use_prices_for("no-such-model") is None


def test_a_tuned_id_is_used_at_tuned_prices() -> None:
    base, tuned = use_prices_for("gpt-4o-mini"), use_prices_for("ft:gpt-4o-mini-2024-07-18:o::i")
    assert base == UsePrices(*map(Decimal, ("0.15", "0.60", "0.075", "0.075", "0.30")))
    assert tuned == UsePrices(*map(Decimal, ("0.30", "1.20", "0.15", "0.15", "0.60")))


OWN = """
[models."gpt-4o-mini-2024-07-18"]
aliases = ["gpt-4o-mini"]
training = 2.123456789012345678
as_of = "2026-11-01"
[models."house-model"]
training = 1
tuned = { input = 0.1, output = 0.2 }
as_of = "2026-11-01"
source = "our contract"
"""


def test_the_users_rows_replace_and_add() -> None:
    own_prices_file().parent.mkdir(parents=True)
    own_prices_file().write_text(OWN)
    replaced, added = price_for("gpt-4o-mini"), price_for("house-model")
    assert replaced is not None
    assert added is not None
    assert replaced.training == Decimal("2.123456789012345678")
    assert added.source == "our contract"
    assert price_for("gpt-4.1") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("models = 3", "models"),
        ("[models.a]\ntraning = 1", 'models."a".traning'),
        ('[models.a]\ntraining = "1"', 'models."a".training'),
        ("[models.a]\ntraining = -1", "training"),
        ("[models.a]\ntraining = nan", "training"),
        ("[models.a]\nbase = { input = 1 }", 'models."a".base'),
        ("[models.a]\nbase = { inptu = 1, output = 1 }", 'models."a".base.inptu'),
        ("[models.a]\naliases = 'b'", "aliases"),
        ("[models.a]\nas_of = 2026-01-01", "as_of"),
        ("[models.a", "not TOML"),
        ("[models.a]\ntraining = 1e400", "training"),
        ("[models.a]\nhosting_hour = true", 'models."a".hosting_hour'),
    ],
)
def test_what_is_wrong_names_file_and_key(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_prices(text, "my/prices.toml")
    assert str(caught.value).startswith("my/prices.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "USD", "$0.00"),
        ("3.7249", "USD", "$3.72"),
        ("1234567.891", "USD", "$1,234,567.89"),
        ("0.003015", "JPY", "¥0.00302"),
        ("0.0271950", "USD", "$0.0272"),
        ("0.5", "EUR", "€0.50"),
        ("-0.00495", "JPY", "-¥0.00495"),
        ("12", "sek", "SEK 12.00"),
    ],
)
def test_money_is_shown_with_what_matters(amount: str, currency: str, shown: str) -> None:
    assert show_money(Decimal(amount), currency) == shown


def test_a_model_is_trained_under_its_dated_id() -> None:
    assert training_id("gpt-4.1-mini") == "gpt-4.1-mini-2025-04-14"
    assert training_id("gpt-4.1-mini-2025-04-14") == "gpt-4.1-mini-2025-04-14"
    assert training_id("ft:gpt-4.1-mini-2025-04-14:org:tone:abc") == "ft:gpt-4.1-mini-2025-04-14:org:tone:abc"
    assert training_id("SmolLM2-135M") == "SmolLM2-135M"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("providers = 3", "providers"),
        ('[providers.a]\nvalidation = "sometimes"', 'providers."a".validation'),
        ("[providers.a]\nminimum = -1", 'providers."a".minimum'),
        ("[providers.a]\nsaid = 3", 'providers."a".said'),
        ("[providers.a]\nvalid = 1", 'providers."a".valid'),
    ],
)
def test_what_is_wrong_with_a_provider_is_named(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_providers(text, "my/prices.toml")
    assert said in str(caught.value)


def test_the_users_providers_replace_and_add() -> None:
    own_prices_file().parent.mkdir(parents=True)
    own_prices_file().write_text('[providers.openai]\nvalidation = "billed"\n[providers.house]\nminimum = 2\n')
    assert billing_of("openai").validation == "billed"
    assert billing_of("house").minimum == 2
    assert billing_of("together").validation == "billed"


def test_azure_has_rows_of_its_own_or_none() -> None:
    azure = price_for("azure/gpt-4.1")
    assert azure is not None
    assert (azure.hosting_hour, azure.training, azure.is_tunable) == (Decimal("1.70"), None, True)
    assert price_for("azure/gpt-4") is None
    assert price_for("azure/gpt-5.5") is None


@pytest.mark.parametrize(
    ("model", "methods", "until", "off"),
    [
        ("gpt-4o", "supervised, preference", "2027-04-01", "2027-10-01"),
        ("gpt-4o-mini", "supervised", None, None),
        ("gpt-5", "reinforcement, by invitation", None, None),
        ("gpt-oss-20b", "supervised", None, None),
        ("Ministral-3B", "supervised", None, None),
        ("Qwen-32B", "supervised", None, None),
        ("Llama-3.3-70B-Instruct", "supervised", None, None),
    ],
)
def test_azure_models_without_a_known_price(model: str, methods: str, until: str | None, off: str | None) -> None:
    price = price_for(f"azure/{model}")
    assert price is not None
    assert (price.methods, price.trainable_until, price.off) == (methods, until, off)
    assert price.is_tunable
    assert (price.training, price.training_hour, price.base, price.tuned) == (None, None, None, None)


def test_teachers_are_there_to_compare_with() -> None:
    for name in ("gpt-4", "gpt-5", "gpt-6-luna", "gpt-6-astra"):
        teacher = price_for(name)
        assert teacher is not None
        assert teacher.base is not None
        assert not teacher.is_tunable


def test_every_provider_of_a_row_says_how_it_bills() -> None:
    for price in all_prices():
        billing = billing_of(price.provider)
        assert billing.said and billing.source, price.model


def test_names_are_without_the_date() -> None:
    assert [price.name for price in all_prices()][:3] == ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]
    assert "gpt-3.5-turbo" in {price.name for price in all_prices()}


@pytest.mark.parametrize("own", ["gpt-4o", "gpt-4o-2024-08-06"])
@pytest.mark.parametrize(
    "asked", ["gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "ft:gpt-4o-2024-08-06:me::x", "ft:gpt-4o:me::x"]
)
def test_an_own_row_replaces_the_shipped_one_by_any_of_its_names(own: str, asked: str) -> None:
    own_prices_file().parent.mkdir(parents=True)
    own_prices_file().write_text(f'[models."{own}"]\ntraining = 7\n')
    price = price_for(asked)
    assert price is not None
    assert (price.model, price.training) == (own, Decimal(7))
    assert len([price for price in all_prices() if "gpt-4o" in (price.model, *price.aliases)]) == 1
    assert training_id("gpt-4o") == "gpt-4o-2024-08-06"


def test_own_rows_of_both_names_are_two_rows() -> None:
    own_prices_file().parent.mkdir(parents=True)
    own_prices_file().write_text('[models."gpt-4o"]\ntraining = 7\n[models."gpt-4o-2024-08-06"]\ntraining = 8\n')
    found = [price_for(name) for name in ("gpt-4o", "gpt-4o-2024-08-06", "ft:gpt-4o-2024-08-06:me::x")]
    assert [price and price.training for price in found] == [Decimal(7), Decimal(8), Decimal(8)]
