"""``fttui cost``."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fttui.cli.exact_json import dump_exact
from fttui.cli.main import run
from token_files import example, plain_count, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "a.jsonl", [example(number) for number in range(20)])


TOKENS = sum(plain_count(example(number))[0] for number in range(20))


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The JSON that ``cost`` prints, its numbers as exact decimals."""
    assert run(["cost", *arguments, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert isinstance(found, dict)
    return found


def test_the_keys_and_numbers(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, str(file))
    assert (found["tokens"], found["epochs"], found["epochs_rule"]) == (TOKENS, 5, "auto")
    assert found["billed_tokens"] == TOKENS * 5
    usd = Decimal(5) * TOKENS * 5 / 1_000_000
    assert found["training"] == {"usd": usd, "amount": usd, "currency": "USD"}
    assert found["price_as_of"] == "2026-07"
    assert found["break_even"] is None


def test_chosen_epochs_and_another_currency(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys, str(file), "--model", "gpt-4o-mini", "--epochs", "2", "--currency", "jpy", "--rate", "150.5"
    )
    assert (found["epochs"], found["epochs_rule"], found["billed_tokens"]) == (2, "chosen", TOKENS * 2)
    usd = Decimal(3) * TOKENS * 2 / 1_000_000
    assert found["training"] == {"usd": usd, "amount": usd * Decimal("150.5"), "currency": "JPY"}


def test_the_currency_of_the_settings(file: Path, fttui_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fttui_home / "config").mkdir()
    (fttui_home / "config" / "settings.toml").write_text('[cost]\ncurrency = "JPY"\nrate = 150\n')
    assert document(capsys, str(file))["training"]["currency"] == "JPY"
    assert document(capsys, str(file), "--currency", "USD")["training"]["currency"] == "USD"


BREAK_EVEN = ("--model", "gpt-4o-mini", "--currency", "JPY", "--rate", "150", "--training-cost", "4.92075")
PROMPTS = ("--prompt-base", "246", "--prompt-tuned", "56")


def test_when_it_pays(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, str(file), *BREAK_EVEN, *PROMPTS, "--calls-per-day", "100")
    assert found["training"] == {"usd": Decimal("0.032805"), "amount": Decimal("4.92075"), "currency": "JPY"}
    pays = found["break_even"]
    assert round(pays["calls"], 1) == Decimal("1632.1")
    assert (pays["pays_at"], pays["verdict"]) == (1633, "pays")
    assert round(pays["days"], 3) == Decimal("16.321")
    assert pays["saved_per_call"] == Decimal("0.003015")


def test_when_it_never_pays(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pays = document(capsys, str(file), *BREAK_EVEN, *PROMPTS, "--completion-tokens", "55")["break_even"]
    assert (pays["calls"], pays["pays_at"], pays["days"], pays["verdict"]) == (None, None, None, "never")
    assert run(["cost", str(file), *BREAK_EVEN, *PROMPTS, "--completion-tokens", "55"]) == 0
    assert "never" in capsys.readouterr().out


def test_against_another_base_model_and_a_rate_limit(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys,
        *(str(file), "--model", "gpt-4o-mini", "--base-model", "gpt-4"),
        *("--prompt-base", "3000", "--completion-tokens", "1000", "--calls-per-day", "4000", "--rate-limit", "20000"),
    )
    assert found["break_even"]["base_call"] * 4000 == 600
    assert found["throughput"]["base"]["tokens_per_day"] == 16_000_000
    assert round(found["throughput"]["base"]["hours_at_limit"], 1) == Decimal("13.3")


def test_training_here_is_free(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, str(file), "--profile", "local")
    assert (found["model"], found["training"]["usd"], found["exact"]) == ("SmolLM2-135M", 0, False)


def test_text_names_price_date_rule_and_exactness(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", str(file), "--calls-per-day", "10", *PROMPTS]) == 0
    out = capsys.readouterr().out
    for said in (f"{TOKENS:,}", "automatic rule", "2026-07", "exact", "2027-01-06", "pays it back", "days"):
        assert said in out
    assert run(["cost", str(file), "--model", "o4-mini"]) == 0
    assert "$100.00 for an hour" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--model", "no-such-model"),
        ("--epochs", "0"),
        ("--epochs", "many"),
        ("--rate", "0"),
        ("--rate", "nan"),
        ("--currency", "EUR"),
        ("--training-cost", "-1"),
        ("--training-cost", "a lot"),
        ("--prompt-base", "-3"),
        ("--base-model", "no-such-model", "--prompt-base", "3"),
        ("--model", "gpt-6-luna", "--prompt-base", "3"),
        ("--batch", "--base-model", "gpt-4", "--prompt-base", "3"),
        ("--tuned-model", "gpt-4", "--prompt-base", "3"),
        ("--base-model", "-1/2", "--prompt-base", "3"),
        ("--training-cost", "1e999999", "--prompt-base", "3"),
        ("--rate", "1e999999"),
        ("--valid", "no-such-file.jsonl"),
        ("--model", "o4-mini", "--base-model", "gpt-4", "--prompt-base", "3"),
    ],
)
def test_what_cannot_be_priced_is_one_sentence(
    arguments: tuple[str, ...], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cost", str(file), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_validation_file_is_not_charged_by_openai(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without = document(capsys, str(file))
    found = document(capsys, str(file), "--valid", str(file), "--evaluations", "5")
    assert found["training"] == without["training"]
    assert found["validation"]["tokens"] == TOKENS
    assert (found["validation"]["billed_tokens"], found["validation"]["rule"]) == (0, "free")
    assert found["validation"]["source"]
    assert run(["cost", str(file), "--valid", str(file)]) == 0
    assert f"{TOKENS:,} tokens, not charged" in capsys.readouterr().out


def test_a_provider_that_bills_validation_and_has_a_minimum(
    file: Path, fttui_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fttui_home / "config").mkdir()
    (fttui_home / "config" / "prices.toml").write_text(
        '[models.mine]\ntraining = 2\nprovider = "together"\nas_of = "2024-01"\n'
        '[models.dear]\ntraining = 2\nprovider = "mistral"\n'
    )
    arguments = ("--model", "mine", "--epochs", "2", "--valid", str(file), "--evaluations", "3")
    found = document(capsys, str(file), *arguments)
    assert found["validation"]["billed_tokens"] == found["tokens"] * 3
    assert found["training"]["usd"] == Decimal(2) * found["tokens"] * 5 / 1_000_000
    assert "old: check them first" in found["price_warning"]
    least = document(capsys, str(file), "--model", "dear")
    assert (least["training"]["usd"], least["is_minimum"]) == (4, True)
    assert run(["cost", str(file), "--model", "dear"]) == 0
    assert "the least that a job costs" in capsys.readouterr().out


def test_without_a_file_the_training_cost_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, *BREAK_EVEN, *PROMPTS)
    assert (found["file"], found["tokens"], found["break_even"]["pays_at"]) == (None, None, 1633)
    assert run(["cost", *BREAK_EVEN, *PROMPTS]) == 0
    assert "call 1,633 pays it back" in capsys.readouterr().out
    assert run(["cost"]) == 2
    assert "--training-cost" in capsys.readouterr().err


def test_given_prices_stand_for_models(capsys: pytest.CaptureFixture[str]) -> None:
    prices = ("--base-model", "0.15/0.60", "--tuned-model", "0.30/1.20")
    by_price = document(capsys, *BREAK_EVEN, *PROMPTS, *prices)
    assert by_price["break_even"] == document(capsys, *BREAK_EVEN, *PROMPTS)["break_even"]


def test_a_daily_load_and_what_is_saved(capsys: pytest.CaptureFixture[str]) -> None:
    load = (
        *("--training-cost", "5", "--base-model", "gpt-4", "--prompt-base", "3000", "--prompt-tuned", "500"),
        *("--completion-tokens", "1000", "--calls-per-day", "4000", "--rate-limit", "20000"),
    )
    found = document(capsys, "--model", "gpt-4o-mini", *load)
    base, saved = found["throughput"]["base"], found["throughput"]["saved"]
    assert (base["tokens_per_day"], round(base["tokens_per_minute"])) == (16_000_000, 11_111)
    assert round(base["hours_at_limit"], 1) == Decimal("13.3")
    assert saved["tokens_per_day"] == 10_000_000
    assert saved["amount_per_day"] == 600 - Decimal("5.4")
    assert run(["cost", "--model", "gpt-4o-mini", *load]) == 0
    out = capsys.readouterr().out
    for said in ("16,000,000 tokens, 11,111 a minute; 13.3 h", "10,000,000 tokens (62%)", "$594.60 a day"):
        assert said in out


def test_hosting_is_shared_by_the_calls_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    azure = (
        "--model",
        "azure/gpt-4.1-mini",
        "--base-model",
        "gpt-4.1",
        "--training-cost",
        "5",
        "--prompt-base",
        "1000",
    )
    few = document(capsys, *azure, "--calls-per-day", "1000")["break_even"]
    assert (few["verdict"], few["least_calls_per_day"]) == ("never", 25_501)
    assert document(capsys, *azure, "--calls-per-day", "50000")["break_even"]["verdict"] == "pays"
    assert run(["cost", *azure]) == 0
    assert "not counted: say how many --calls-per-day" in capsys.readouterr().out


def test_batch_prices(capsys: pytest.CaptureFixture[str]) -> None:
    full = document(capsys, *BREAK_EVEN, *PROMPTS)["break_even"]
    half = document(capsys, *BREAK_EVEN, *PROMPTS, "--batch")["break_even"]
    assert half["base_call"] * 2 == full["base_call"]


def test_the_price_table_is_listed_with_its_teachers(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["model"]: row for row in document(capsys, "--prices")["prices"]}
    assert rows["gpt-6-astra"]["tunable"] is False
    assert rows["gpt-4.1-mini-2025-04-14"]["tuned"]["batch_output"] == Decimal("1.60")
    assert run(["cost", "--prices", "--currency", "JPY", "--rate", "150"]) == 0
    out = capsys.readouterr().out
    for said in ("gpt-6-luna", "cannot be tuned", "¥750.00", "2026-07 !", "$"):
        assert (said in out) is (said != "$")


def test_json_numbers_are_exact() -> None:
    value = {"a": Decimal("0.1234567890123456789012345"), "b": Decimal("5E+3"), "c": [Decimal("-0.00")], "s": '"\ud800'}
    text = dump_exact(value)
    assert '"a": 0.1234567890123456789012345' in text
    assert '"b": 5000' in text
    assert json.loads(text)["s"] == '"\ud800'


@pytest.mark.parametrize(
    ("row", "said", "unsaid"),
    [
        ('trainable_until = "2999-01-01"', "no training after 2999-01-01", "off from"),
        ('off = "2999-01-01"', "the model is off from 2999-01-01", "no training"),
        ('trainable_until = "2998-01-01"\noff = "2999-01-01"', "after 2998-01-01; the model is off from 2999", "since"),
        ('off = "2020-01-01"', "is off since 2020-01-01 and cannot be trained any more", "off from"),
        ('source = "our contract"', "our contract", "of ;"),
        ('source = "our contract"\nas_of = "2026-01"', "of 2026-01", "None"),
    ],
)
def test_of_a_price_only_what_is_set_is_said(
    row: str, said: str, unsaid: str, file: Path, fttui_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fttui_home / "config").mkdir()
    (fttui_home / "config" / "prices.toml").write_text(f"[models.house]\ntraining = 1\n{row}\n")
    assert run(["cost", str(file), "--model", "house"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert said in out
    assert unsaid not in out
    assert "None" not in out


def test_a_model_of_azure_without_a_price_says_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", str(file), "--model", "azure/gpt-5"]) == 0
    out = capsys.readouterr().out
    assert "no price known" in out
    assert "reinforcement, by invitation" in out
    assert run(["cost", "--prices"]) == 0
    assert "not known" in capsys.readouterr().out
