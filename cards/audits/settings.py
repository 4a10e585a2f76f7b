"""Settings of audits as people write them: ``--set retrieval.scales=[1.0]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from benchwright.cards.audits.audit import Settings
from benchwright.cards.audits.registry import NAMES, audit
from benchwright.errors import BenchwrightError, RecipeError, did_you_mean
from benchwright.recipe_file import parse


def settings_of(overrides: Sequence[str], names: Sequence[str] = NAMES) -> dict[str, Settings]:
    """The settings of audits, their defaults changed.

    Args:
        overrides: ``audit.setting=value``, the value in YAML.
        names: the audits that run.

    Raises:
        BenchwrightError: an override that names no audit or setting, or has a wrong value.
    """
    changed: dict[str, dict[str, Any]] = {name: {} for name in names}
    for override in overrides:
        place, equals, value = override.partition("=")
        name, dot, setting = place.partition(".")
        if not (equals and dot):
            raise BenchwrightError(f'--set "{override}": write it as audit.setting=value')
        if name not in changed:
            raise BenchwrightError(
                f'--set "{override}": no such audit runs{did_you_mean(name, names)}'
            )
        changed[name][setting] = _value(override, value)
    return {name: _validated(name, fields) for name, fields in changed.items()}


def _value(override: str, value: str) -> Any:
    try:
        return parse(f"value: {value}")["value"]
    except RecipeError as error:
        raise BenchwrightError(
            f'--set "{override}": "{value}" is no YAML value; quote it, or close its brackets'
        ) from error


def _validated(name: str, fields: Mapping[str, Any]) -> Settings:
    model = audit(name).settings
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        setting = ".".join(map(str, fault["loc"]))
        hint = did_you_mean(setting, model.model_fields)
        raise BenchwrightError(f"--set {name}.{setting}: {fault['msg']}{hint}") from error
