"""Arguments that several commands take, checked before anything is read."""

import argparse
from collections.abc import Callable

import torch


def at_least(least: int) -> Callable[[str], int]:
    """A whole number of ``least`` or more."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is less than {least}")
        return number

    return read


def usable_device(text: str) -> str:
    """The name of a device that torch can use here."""
    try:
        torch.empty(0, device=text)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise argparse.ArgumentTypeError(f"torch cannot use {text!r} here: {reason}") from None
    return text
