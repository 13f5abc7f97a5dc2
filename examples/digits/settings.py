"""What a training run is made of: the options that decide its numbers, kept in the checkpoint."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from examples.command import UsageError

LEARNING_RATES = {"adam": 0.035, "adamw": 0.035, "sgd": 0.2}
"""The default of each optimiser; sgd has a momentum of 0.9."""


@dataclass(frozen=True)
class Settings:
    """The options of `train` that decide its numbers, with their defaults."""

    data: str | None = None
    x_sheet: str = "X"
    y_sheet: str = "y"
    hidden: tuple[int, ...] = (25,)
    epochs: int = 20
    batch_size: int = 25
    learning_rate: float = 0.0
    optimizer: str = "adam"
    weight_decay: float = 1e-5
    test_fraction: float = 0.2
    seed: int = 0
    dtype: str = "float64"
    eager: bool = False

    @staticmethod
    def given(options: dict[str, Any]) -> dict[str, Any]:
        """The options that were given, as field values."""
        return {name: tuple(v) if isinstance(v, list) else v for name, v in options.items() if v is not None}

    @classmethod
    def make(cls, given: dict[str, Any]) -> Self:
        """Settings from the options given and the defaults."""
        settings = cls(**given)
        if "learning_rate" not in given:
            settings = replace(settings, learning_rate=LEARNING_RATES[settings.optimizer])
        return settings

    @classmethod
    def resumed(cls, saved: dict[str, Any], given: dict[str, Any]) -> Self:
        """The settings of a checkpoint, with which the options given have to agree.

        Raises:
            UsageError: an option differs. The data may have moved, so `data` is taken as given.
        """
        settings = cls(**Settings.given(saved))
        for field in fields(cls):
            if field.name in given and field.name not in ("data", "x_sheet", "y_sheet"):
                was, now = getattr(settings, field.name), given[field.name]
                if was != now:
                    option = f"--{field.name.replace('_', '-')}"
                    differ = f"without {option}" if now is True else f"with {option} {_plain(was)}, not {_plain(now)}"
                    raise UsageError(
                        f"--resume continues a run {differ}; leave the option away, or start anew without --resume"
                    )
        moved = {name: given[name] for name in ("data", "x_sheet", "y_sheet") if name in given}
        return replace(settings, **moved)

    def as_dict(self) -> dict[str, Any]:
        """Field values, as JSON can hold them."""
        return asdict(self)


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
