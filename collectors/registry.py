"""All platform files: those of the package, with those of ADWATCH_DATA/platforms laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.settings import Settings
from collectors.spec import PlatformSpec
from collectors.specfile import SpecFile, extended, read_file, validated

SHIPPED = Path(__file__).with_name("platforms")


def platform_folders(settings: Settings) -> list[Path]:
    """Where platform files lie; a later folder's file replaces an earlier one's of the same name."""
    folders = [SHIPPED]
    if settings.data is not None:
        folders.append(settings.data / "platforms")
    return folders


def platform_files(settings: Settings) -> dict[str, Path]:
    """Path by name of every platform file in force."""
    found: dict[str, Path] = {}
    for folder in platform_folders(settings):
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            found[path.stem] = path
    return dict(sorted(found.items()))


def shown_file(path: Path) -> str:
    """Where a platform file lies, for people: of the package by its name, of an office by its whole path."""
    return f"collectors/platforms/{path.name}" if path.parent == SHIPPED else str(path)


def replaced_files(settings: Settings) -> list[Path]:
    """Files of ADWATCH_DATA that stand in the place of shipped ones (doctor says so)."""
    shipped = {path.stem for path in SHIPPED.glob("*.yml")}
    return [path for name, path in platform_files(settings).items() if name in shipped and path.parent != SHIPPED]


def spec_variables(settings: Settings) -> Mapping[str, str]:
    """What ``${...}`` may stand for in a platform file: the demo's sites, whether there are more; RSSHub.

    ``ADWATCH_DEMO_URL`` holds the first site's address or those of all; sites not named live on the next ports.
    """
    given = settings.demo_url.split() or [settings.demo_url]
    base, _, port = given[0].rpartition(":")
    start = int(port) if port.isdecimal() else 80
    names = ("", "SECOND_", "THIRD_", "FOURTH_", "FIFTH_")
    assumed = [given[0], *(f"{base if port.isdecimal() else given[0]}:{start + n}" for n in range(1, len(names)))]
    urls = [*given, *assumed[len(given) :]]
    world = {"ADWATCH_DEMO_WORLD": str(len(given) > 1).lower()}
    world |= {
        "ADWATCH_RSSHUB": str(bool(settings.rsshub_url)).lower(),
        "ADWATCH_RSSHUB_URL": settings.rsshub_url.rstrip("/") or "http://127.0.0.1:1200",
    }
    return world | {f"ADWATCH_DEMO_{name}URL": url for name, url in zip(names, urls, strict=False)}


def load_platforms(settings: Settings) -> dict[str, PlatformSpec]:
    """Every platform by name, templates included; the first wrong file raises a SpecError."""
    specs, errors = read_platforms(settings)
    if errors:
        raise errors[0]
    return specs


def read_platforms(settings: Settings) -> tuple[dict[str, PlatformSpec], list[SpecError]]:
    """Every platform that can be read, and what is wrong with the others: one bad file stops no other."""
    variables = spec_variables(settings)
    files: dict[str, SpecFile] = {}
    specs: dict[str, PlatformSpec] = {}
    errors: list[SpecError] = []
    for name, path in platform_files(settings).items():
        try:
            files[name] = read_file(path, variables)
        except SpecError as error:
            errors.append(error)
    for name, file in files.items():
        try:
            specs[name] = validated(extended(file, files))
        except SpecError as error:
            errors.append(error)
    return specs, errors


def enabled_platforms(settings: Settings, specs: Mapping[str, PlatformSpec]) -> dict[str, PlatformSpec]:
    """Those that are patrolled: no templates, none switched off, the demo's only in the demo."""
    return {
        name: spec
        for name, spec in specs.items()
        if spec.enabled and not spec.is_template and (settings.demo or not spec.demo)
    }
