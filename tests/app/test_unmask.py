from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.app import accounts
from adwatch.app.unmask import unmask_by_name
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.app.transfer_world import OFFICE, command, filled, office
from tests.store.world import World

PHONE = "13800138000"


@pytest.mark.slow
def test_who_saw_what_is_logged_before_it_is_given(tmp_path: Path) -> None:
    case = filled(tmp_path)
    run = command(tmp_path)
    number = str(case.case_id)
    assert PHONE not in run.ok("review", "show", number) + run.ok("review", "show", number, "--json")
    for missing in ((), ("--by", "王芳"), ("--why", "核对")):
        done = run.run("review", "show", number, "--unmask", *missing)
        assert done.returncode == 2, missing
        assert PHONE.encode() not in done.stdout
    [row] = run.rows("review", "show", number, "--unmask", "--why", "核对卖家", "--by", "王芳")
    assert PHONE in row["text"]
    assert PHONE in run.ok("review", "show", number, "--unmask", "--why", "核对卖家", "--by", "王芳")
    with office(tmp_path) as here:
        log = [r for r in World(here.engine).rows(s.audit_entry) if r["action"] == "case.unmask"]
    assert [(r["person"], r["unit"], r["subject_id"]) for r in log] == [("王芳", OFFICE, number)] * 2


def test_a_role_is_needed_where_there_are_accounts(tmp_path: Path) -> None:
    case = filled(tmp_path)
    admin = Actor("管理", OFFICE, "admin")
    with office(tmp_path) as here:
        for name, role in (("zhang", "monitor"), ("wang", "reviewer"), ("zhao", "viewer")):
            values = {
                "name": name,
                "person": f"人员{name}",
                "unit": "某局",
                "role": role,
                "regions": [],
                "families": [],
            }
            accounts.add(here, admin, values)
        for by in ("zhang", "zhao", "nobody"):
            with pytest.raises(UsageError):
                unmask_by_name(here, case.case_id, "核对", by, None)
        assert PHONE in unmask_by_name(here, case.case_id, "核对", "wang", None)[0]["text"]
        accounts.set_active(here, admin, "wang", False)
        with pytest.raises(UsageError):
            unmask_by_name(here, case.case_id, "核对", "wang", None)
        log = [r for r in World(here.engine).rows(s.audit_entry) if r["action"] == "case.unmask"]
    assert [(r["person"], r["unit"], r["role"]) for r in log] == [("人员wang", "某局", "reviewer")]
