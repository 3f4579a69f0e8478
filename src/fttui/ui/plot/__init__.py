"""The geometry of charts, without a screen: numbers in, rows of text out, so that tests are exact."""
