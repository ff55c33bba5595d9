"""Verbs of the console: console, and account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, print_table, say, tell
from adwatch.errors import SettingsError
from adwatch.models import Actor

if TYPE_CHECKING:
    from adwatch.app import Office

account = typer.Typer(help="Accounts of the console: add, list, change, disable, reset.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account, as account list shows it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--by-unit", metavar="UNIT", help="Their unit; ADWATCH_UNIT if left out.")]
Regions = Annotated[
    list[str] | None, typer.Option("--region", metavar="REGION", help="Limit to regions that begin so; repeat it.")
]
Families = Annotated[
    list[str] | None, typer.Option("--family", metavar="ID", help="Limit to a certificate family; repeat it.")
]
ROLE_HELP = "monitor, reviewer, head, viewer or admin."


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(account, name="account")
    app.command("console", epilog=examples("console", "console --port 9000"))(console)


def console(
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port; 0: a free one.")] = 8780,
    certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", metavar="FILE", exists=True, help="PEM certificate chain.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", exists=True, help="Its private key, PEM.")
    ] = None,
) -> None:
    """Casework in a browser. The first start prints a one-time link that makes the first account."""
    from adwatch.app import open_office

    try:
        from adwatch.console.serve import serve
    except ModuleNotFoundError as error:
        raise SettingsError(f"{error.name} is not installed; install adwatch[console]") from error
    with open_office() as office:
        serve(office, host, port, typer.echo, certificate, key)


@account.command("list", epilog=examples("account list"))
def list_accounts(as_json: JsonFlag = False) -> None:
    """List the accounts with roles and limits."""
    from adwatch.app import accounts, open_office

    with open_office() as office:
        rows = accounts.list_accounts(office)
    if as_json:
        print_json(rows)
        return
    cells = [
        (r["name"], r["person"], r["unit"], r["role_label"], r["regions"], r["families"], _standing(r)) for r in rows
    ]
    print_table("账号", ("账号", "姓名", "单位", "角色", "限于地区", "限于证书类别", "状态"), cells)


def _standing(row: dict[str, Any]) -> str:
    if not row["active"]:
        return "停用"
    return "正常" if row["has_password"] else "未设密码"


@account.command("add", epilog=examples("account add wangfang --person 王芳 --role reviewer --by 李伟"))
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in by.")],
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="The person's name.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=ROLE_HELP)],
    by: By,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="The person's unit; ADWATCH_UNIT if left out.")
    ] = None,
    by_unit: Unit = None,
    region: Regions = None,
    family: Families = None,
    as_json: JsonFlag = False,
) -> None:
    """Add an account. Prints the one-time link by which its owner sets the password."""
    from adwatch.app import accounts, open_office

    with open_office() as office:
        values = {"name": name, "person": person, "unit": office.unit(unit), "role": role}
        token = accounts.add(office, _actor(office, by, by_unit), {**values, "regions": region, "families": family})
        _print_link(name, accounts.address(office, token), as_json)
        if same := accounts.namesakes(office, name):
            tell(f"与账号 {'、'.join(same)} 同名：记录只写姓名和单位，同单位的两人会被当作一人；请用能区分的姓名")


@account.command("change", epilog=examples("account change wangfang --role head --by 李伟"))
def change(
    name: Name,
    by: By,
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="The person's name.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="The person's unit.")] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help=ROLE_HELP)] = None,
    region: Regions = None,
    family: Families = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Take away all limits.")] = False,
    by_unit: Unit = None,
) -> None:
    """Change an account. Ends its sessions, so that the change holds at once."""
    from adwatch.app import accounts, open_office

    values: dict[str, Any] = {"person": person, "unit": unit, "role": role, "regions": region, "families": family}
    values = {key: value for key, value in values.items() if value}
    if unlimited:
        values.update(regions=[], families=[])
    with open_office() as office:
        accounts.change(office, _actor(office, by, by_unit), name, values)
    say(f"{name}: 已更改")


@account.command("disable", epilog=examples("account disable wangfang --by 李伟"))
def disable(name: Name, by: By, by_unit: Unit = None) -> None:
    """Disable an account. Ends its sessions; nothing is deleted."""
    _set_active(name, False, by, by_unit)
    say(f"{name}: 已停用")


@account.command("enable", epilog=examples("account enable wangfang --by 李伟"))
def enable(name: Name, by: By, by_unit: Unit = None) -> None:
    """Enable a disabled account again."""
    _set_active(name, True, by, by_unit)
    say(f"{name}: 已启用")


@account.command("reset", epilog=examples("account reset wangfang --by 李伟"))
def reset(name: Name, by: By, by_unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Print a one-time link for a new password. Ends the old one, its sessions and a lock-out."""
    from adwatch.app import accounts, open_office

    with open_office() as office:
        token = accounts.reset(office, _actor(office, by, by_unit), name)
        _print_link(name, accounts.address(office, token), as_json)


def _actor(office: Office, by: str, unit: str | None) -> Actor:
    return Actor(by, office.unit(unit))


def _set_active(name: str, active: bool, by: str, unit: str | None) -> None:
    from adwatch.app import accounts, open_office

    with open_office() as office:
        accounts.set_active(office, _actor(office, by, unit), name, active)


def _print_link(name: str, address: str, as_json: bool) -> None:
    if as_json:
        print_json([{"name": name, "link": address}])
    else:
        say(f"{name}: 一次性链接（24 小时内有效，设定密码后失效）: {address}")
