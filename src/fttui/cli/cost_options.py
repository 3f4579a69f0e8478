"""How the options of ``fttui cost`` are read."""

from __future__ import annotations

from decimal import Decimal

import click

from fttui.core.errors import InputError


def amount(ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    """An exact amount of money, from 0."""
    from fttui.costs.amounts import amount_of

    try:
        return None if value is None else amount_of(value)
    except InputError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def rate(ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    """Units of a currency for a dollar, above 0."""
    from fttui.costs.amounts import rate_of

    try:
        return None if value is None else rate_of(value)
    except InputError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def epochs(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    """The number of epochs; None for the automatic rule."""
    if value == "auto":
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value)):
        raise click.BadParameter(f"{value!r}: auto, or a whole number from 1.", ctx, param)
    return int(value)
