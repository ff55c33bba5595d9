"""Reads platform files: YAML with line numbers and templates; a mistake is a SpecError that says what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from adwatch.errors import SpecError
from collectors.kinds import completed, overlaid
from collectors.rules import Place, faults
from collectors.spec import PlatformSpec

_VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")

Places = dict[Place, tuple[str, int]]


class SpecFile:
    """A platform file as written: its values and the file and line of each."""

    def __init__(self, path: Path, values: dict[str, Any], places: Places) -> None:
        self.path, self.values, self.places = path, values, places

    @property
    def name(self) -> str:
        """File name without its ending."""
        return self.path.stem

    def error(self, place: Place, message: str) -> SpecError:
        """A SpecError at the nearest place that is written down."""
        at = place
        while at and at not in self.places:
            at = at[:-1]
        file, line = self.places.get(at, (str(self.path), 1))
        return SpecError(file, line, dotted(place), message)


def dotted(place: Place) -> str:
    """lists[0].search.url"""
    out = ""
    for part in place:
        out += f"[{part}]" if isinstance(part, int) else f".{part}"
    return out.removeprefix(".")


def read_file(path: Path, variables: Mapping[str, str]) -> SpecFile:
    """The file's values; ``${NAME}`` is filled in from ``variables``."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(str(path), None, "", f"cannot be read as UTF-8: {error}") from error
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise SpecError(str(path), mark.line + 1 if mark else None, "", f"is not YAML: {problem}") from error
    if not isinstance(node, yaml.MappingNode):
        raise SpecError(str(path), 1, "", "write fields, such as `name: shop`")
    builder = _Builder(str(path), variables)
    values = builder.build(node, ())
    return SpecFile(path, values, builder.places)


class _Builder:
    """Turns YAML nodes into values and remembers where each stood."""

    def __init__(self, file: str, variables: Mapping[str, str]) -> None:
        self.file, self.variables = file, variables
        self.places: Places = {}

    def build(self, node: yaml.Node, place: Place) -> Any:
        """The node's value."""
        line = node.start_mark.line + 1
        self.places.setdefault(place, (self.file, line))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, number)) for number, item in enumerate(node.value)]
        value = yaml.SafeLoader("").construct_object(node)
        return self._filled(value, place, line) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*place, key)
            line = key_node.start_mark.line + 1
            if key in out:
                raise SpecError(self.file, line, dotted(here), "stands here twice; keep one")
            self.places[here] = (self.file, line)
            out[key] = self.build(value_node, here)
        return out

    def _filled(self, text: str, place: Place, line: int) -> str:
        for name in _VARIABLE.findall(text):
            if name not in self.variables:
                known = ", ".join(sorted(self.variables)) or "none"
                raise SpecError(self.file, line, dotted(place), f"${{{name}}} is unknown here; known: {known}")
            text = text.replace(f"${{{name}}}", self.variables[name])
        return text


def extended(file: SpecFile, files: Mapping[str, SpecFile]) -> SpecFile:
    """The file with what it leaves out taken from the template it extends, and that from its own."""
    seen = [file.name]
    while "extends" in file.values and file.values["extends"] is not None:
        wanted = str(file.values["extends"])
        if wanted in seen:
            raise file.error(("extends",), f"goes in a circle: {' -> '.join([*seen, wanted])}")
        if wanted not in files:
            raise file.error(("extends",), f"there is no platform file {wanted!r}{_nearest(wanted, files)}")
        seen.append(wanted)
        file = _merged(file, files[wanted])
    return file


def _merged(file: SpecFile, template: SpecFile) -> SpecFile:
    values = overlaid(template.values, file.values)
    values["name"] = file.values.get("name", file.name)
    values["label"] = file.values.get("label", values["name"])  # a letter must not name a site after its template
    values["extends"] = template.values.get("extends")
    values["enabled"] = file.values.get("enabled", True)
    places = {**template.places, **file.places}
    return SpecFile(file.path, values, places)


def validated(file: SpecFile) -> PlatformSpec:
    """The platform, if all of it is right; else the first mistake by line, what is missing last."""
    written = file.values
    if written.get("name", file.name) != file.name:
        raise file.error(("name",), f"is {written['name']!r} but the file is {file.path.name}; write name: {file.name}")
    try:
        spec = PlatformSpec.model_validate(completed(written))
    except ValidationError as error:
        wrong = [
            (found["type"] == "missing", file.error(_place(found["loc"]), _advice(found))) for found in error.errors()
        ]
        wrong.sort(key=lambda one: (one[0], one[1].file != str(file.path), one[1].line or 0))
        raise wrong[0][1] from error
    for place, message in faults(spec):
        raise file.error(place, message)
    return spec


def _place(loc: tuple[str | int, ...]) -> Place:
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("function-")))


def _advice(found: Any) -> str:
    kind, context = found["type"], found.get("ctx") or {}
    place = _place(found["loc"])
    last = str(place[-1]) if place else ""
    if kind == "missing":
        return f"is missing; write `{last}: ...`"
    if kind == "extra_forbidden":
        known = _known_fields(place[:-1])
        return f"is no field{_nearest(last, known)}; known here: {', '.join(known)}"
    if kind == "literal_error":
        return f"is {found['input']!r}; write one of {context.get('expected', '')}".replace("'", "")
    if kind == "value_error":
        return str(context.get("error", found["msg"]))
    return f"is {found['input']!r}: {found['msg']}"


def _known_fields(place: Place) -> list[str]:
    model: Any = PlatformSpec
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        found = _model_in(field.annotation) if field is not None else None
        if found is None:
            return []
        model = found
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    """The model inside Optional, Annotated and tuples."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""
