"""Queries over a document: plain text, regular expressions and tests of columns, as one line that people type."""

from fttui.dataset.query.built_in import built_in_columns
from fttui.dataset.query.columns import Column, Test, column_map
from fttui.dataset.query.line import Line
from fttui.dataset.query.parse import Query, parse_query
from fttui.dataset.query.search import Hits, search

__all__ = ["Column", "Hits", "Line", "Query", "Test", "built_in_columns", "column_map", "parse_query", "search"]
