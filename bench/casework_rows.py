"""What offices would have left of many confirmed cases, as SQL that the database runs over the numbers of the cases.

``@(d)`` is the time ``d`` days ago and ``#(d)`` its day, ``%name%`` a word that SQLite and PostgreSQL spell differently
or a number. Case ``i`` (from 10 on) has one listing ``i``; it is confirmed where ``i % 20 < 6``, and all those stand in
a request: ``i / 20 % 20`` is their platform, 40 blocks of 20 make a request on each platform, the first ``%large%`` of
them one. A subject of ``%listings%`` has 300 accounts, others have two.
"""

from __future__ import annotations

from collections.abc import Mapping

REQUEST = "(%max%(i / 800, %large%) - %large%) * 20 + i / 20 % 20 + 1"
_OF_ID = REQUEST.replace("(i ", "(id ").replace(" i / 20", " id / 20").replace("%max%(id / 800", "%max%(id / 800")
DENSE = "((i - 10) / 10 * 7 + (i - 10) % 10)"
SUBJECT = (
    f"CASE WHEN (i - 10) % 10 < 7 THEN CASE WHEN {DENSE} < 10 * %listings% THEN {DENSE} / %listings% + 1 "
    f"ELSE 11 + ({DENSE} - 10 * %listings%) / 3 END END"
)
ACCOUNT = (
    "CASE WHEN c.subject_id < 11 THEN c.subject_id * 1000 + c.id % 300 ELSE 20000 + c.subject_id * 2 + c.id % 2 END"
)
STEP = (
    "CASE WHEN k < 1 THEN 'draft' WHEN k < 2 THEN 'checked' WHEN k < 3 THEN 'signed' WHEN k < 13 THEN 'sent' "
    "WHEN k < 15 THEN 'acknowledged' WHEN k < 16 THEN 'refused' WHEN k < 17 THEN 'withdrawn' ELSE 'handled' END"
)
AGO = "CASE WHEN k < 7 THEN 20 + id % 40 WHEN k < 13 THEN 1 WHEN k < 16 THEN 9 ELSE 30 + id * 300 / %count% % 300 END"
"""Days since a request was sent; ``k`` is its number % 100. Before the sending its drafting."""
LISTED = (
    """'{"seq": ' || row_number() OVER (PARTITION BY q.takedown_id ORDER BY q.listing_id) || ', "listing_id": "' ||
    %hex% || '", "case_id": ' || q.listing_id || ', "lead_number": "L' || q.listing_id || '", "native_id": "x' ||
    q.listing_id || '", "url": "' || l.url || '", "title": "电工证包过 ' || q.listing_id || '", "seller_id": "s' ||
    (q.listing_id % 5000) || '", "seller_name": "小店' || (q.listing_id % 5000) || '",
      "quotes": ["低压电工证免考，不用到场，加微 """
    """信 ab************"], "offer_types": ["exam_exemption"], "offer_labels": ["免考直发"], "cites": [], "day": """
    """"2026-11-18", "captured_at": "2026-11-18 12:00", "evidence_number": "CAP-1-0000000000000000",
      "capture_id": 1, """
    """"capture_row": null, "capture_sha256": "0000000000000000000000000000000000000000000000000000000000000001", """
    """"content_sha256": "b79ded03b4a05b69bf1d3554254f66572e0cd73827e9d9db9e2219fc50393501", "decided_by": "某局", """
    """"decided_at": "2026-11-18 13:00"}'"""
)
CONTENT = (
    """'{"schema": "adwatch.takedown/1", "kind": "assist", "number": "ADW-TD-' || takedown.id || '", "platform":
      "p", """
    """"platform_label": "某平台", "company": null, "addressee": "某平台公司", "domicile": null, "uscc": null, """
    """"channel": null, "email": null, "letterhead": {"style": "letter", "copies": "", "printed_by": "", """
    """"contact_person": "", "contact_phone": ""}, "unit": "某市应急管理局", "drafted_at": """
    """"2026-11-18T05:00:00+00:00", "drafted_day": "2026-11-18", "deadline_hours": null, "deadline_days": null, """
    """"deadline_source": null, "decided_by": ["某局"], "offer_types": [{"id": "exam_exemption", "label":
      "免考直发", """
    """"notice": "涉嫌宣称无需培训、考试或者本人到场即可取得证书", "listings": 1}], "cites": [], "duties": """
    """["《电子商务法》第二十九条"], "listings": [' || a.list || ']}'"""
)
PAIRS = "(SELECT t.id, t.id % 100 AS k, q.listing_id FROM takedown t JOIN takedown_listing q ON q.takedown_id = t.id)"
ROWS = (
    # requests: the rows of their lists first
    """INSERT INTO takedown (id, number, platform_id, state, drafted_at, sent_at, sent_by, deadline_at, content)
        SELECT id, 'ADW-TD-' || id, platform, CASE WHEN k < 3 THEN 'draft' ELSE 'sent' END, @(%AGO%),
          CASE WHEN k >= 3 THEN @(%AGO%) END, CASE WHEN k >= 3 THEN '王芳' END,
          CASE WHEN k BETWEEN 3 AND 6 OR k BETWEEN 13 AND 15 THEN @(3) WHEN k > 3 THEN @((%AGO%) - 5) END,
          '{"addressee": "某平台公司", "listings": []}'
        FROM (SELECT DISTINCT %REQUEST% AS id, (%REQUEST%) % 100 AS k, 1 + i / 20 % 20 AS platform
              FROM (SELECT id AS i FROM "case" WHERE id >= 10 AND id % 20 < 6) b) a ORDER BY id""",
    """INSERT INTO takedown_listing (takedown_id, listing_id, version_id, word, checked_at)
        SELECT t.id, i, l.version_id,
          CASE WHEN t.id % 100 < 3 THEN NULL WHEN t.id % 100 >= 17 AND i % 7 > 0 THEN 'gone' ELSE 'up' END,
          CASE WHEN t.id % 100 >= 3 THEN t.sent_at END
        FROM (SELECT id AS i, %_OF_ID% AS request FROM "case" WHERE id >= 10 AND id % 20 < 6) a
        JOIN takedown t ON t.id = a.request JOIN listing l ON l.id = a.i""",
    """UPDATE takedown SET content = CAST(%CONTENT% AS %json%)
        FROM (SELECT takedown_id, %agg%(row, ', ') AS list FROM (SELECT q.takedown_id, %LISTED% AS row
              FROM takedown_listing q JOIN listing l ON l.id = q.listing_id) b GROUP BY takedown_id) a
        WHERE a.takedown_id = takedown.id""",
    """INSERT INTO takedown_letter (id, number, kind, takedown_id, step, drafted_at, sent_at)
        SELECT id, number, CASE WHEN id % 3 = 0 THEN 'assist' ELSE 'urge' END, id, %STEP%, drafted_at, sent_at
        FROM (SELECT t.*, t.id % 100 AS k FROM takedown t) a ORDER BY id""",
    """INSERT INTO takedown_letter (id, number, kind, takedown_id, step, drafted_at, sent_at, content)
       SELECT id + 1000000, 'ADW-TD-M-' || id,
         CASE WHEN id % 100 < 10 THEN 'remind' WHEN id % 100 = 16 THEN 'withdraw'
           ELSE 'correct' END, id, 'sent', sent_at,
         sent_at, content
       FROM takedown WHERE id % 100 IN (3, 4, 16, 20)""",
    """INSERT INTO takedown_mended (letter_id, listing_id, kind)
       SELECT l.id, q.listing_id, l.kind FROM takedown_letter l JOIN takedown_listing q ON q.takedown_id = l.takedown_id
       WHERE l.kind IN ('withdraw', 'correct') AND l.step = 'sent'""",
    """INSERT INTO takedown_step (letter_id, step, person, unit, at, note)
       SELECT l.id, a.step, '王芳', '某市应急管理局', l.drafted_at, '' FROM takedown_letter l,
         (SELECT 'draft' AS step UNION ALL SELECT 'checked' UNION ALL SELECT 'signed' UNION ALL SELECT 'sent') a""",
    """INSERT INTO takedown_reply (takedown_id, kind, reason, person, unit, at, recorded_at)
       SELECT id, CASE WHEN id % 100 = 15 THEN 'refused' WHEN id % 100 < 15 THEN 'acknowledged'
         ELSE 'accepted' END, '', '王芳',
         '某市应急管理局', sent_at, sent_at FROM takedown WHERE id % 100 >= 13""",
    """INSERT INTO takedown_check (takedown_id, listing_id, word, at, message, day)
       SELECT t.id, q.listing_id, q.word, t.sent_at, '', #(30) FROM takedown t
       JOIN takedown_listing q ON q.takedown_id = t.id WHERE q.word IS NOT NULL""",
    """INSERT INTO takedown_check (takedown_id, listing_id, word, at, message, day)
       SELECT t.id, q.listing_id, q.word, %later%, '', #(27) FROM takedown t
       JOIN takedown_listing q ON q.takedown_id = t.id WHERE q.word = 'gone'""",
    """INSERT INTO removal (takedown_id, listing_id, word, looks, last_at, last_day, known_at, due_at, due_day, gone_at,
         gone_day, gone_looks, removed_at, removed_day, verified_at, verified_day,
         relisted_at, relisted_day, relisted_how)
       SELECT t.id, q.listing_id, q.word, 2, %later%, #(27), t.sent_at, CASE WHEN q.listing_id % 40 = 3 THEN @(0) END,
         CASE WHEN q.listing_id % 40 = 3 THEN #(0) END,
         CASE WHEN q.word = 'gone' THEN t.sent_at END, CASE WHEN q.word = 'gone' THEN #(30) END, 2,
         CASE WHEN q.word = 'gone' THEN t.sent_at END, CASE WHEN q.word = 'gone' THEN #(30) END,
         CASE WHEN q.word = 'gone' THEN t.sent_at END, CASE WHEN q.word = 'gone' THEN #(27) END,
         CASE WHEN q.word = 'gone' AND q.listing_id % 60 = 0 THEN @(q.listing_id % 25) END,
         CASE WHEN q.word = 'gone' AND q.listing_id % 60 = 0 THEN #(q.listing_id % 25) END,
         CASE WHEN q.word = 'gone' AND q.listing_id % 60 = 0 THEN 'seller' END
       FROM takedown t JOIN takedown_listing q ON q.takedown_id = t.id WHERE q.word IS NOT NULL""",
    # findings, tracks and events of the confirmed cases
    """INSERT INTO decision (case_id, result, person, unit, reason, at)
       SELECT id, 'confirm', '李四', '某市应急管理局', '证据充分', @(31 + id % 300) FROM "case"
       WHERE state = 'confirmed' AND id >= 10""",
    """UPDATE case_listing SET decided_version_id = l.version_id, decided_flagged = %true%,
         decided_scope = 'safety_production', decided_types = '["exam_exemption"]',
         decided_families = '["special_operations"]'
       FROM listing l WHERE l.id = case_listing.listing_id AND l.id >= 10
         AND (l.id % 20 < 6 OR l.id % 20 IN (16, 17))""",
    """INSERT INTO event (subject, subject_id, kind, at, actor, detail)
       SELECT 'case', c.id, a.kind, c.opened_at, '王芳', '{"unit": "某市应急管理局", "track": "takedown", "to":
         "draft"}'
       FROM "case" c, (SELECT 'registered' AS kind UNION ALL SELECT 'decided' UNION ALL SELECT 'track_opened'
         UNION ALL SELECT 'track_moved') a WHERE c.state = 'confirmed' AND c.id >= 10""",
    """INSERT INTO track (case_id, track, step, opened_at, decided_at, moved_at)
        SELECT listing_id, 'takedown', %TRACKED%, @(40), @(39), @(30) FROM %PAIRS% a""",
    """INSERT INTO track (case_id, track, step, outcome, opened_at, decided_at, moved_at, closed_at)
       SELECT id, 'investigation', CASE WHEN id % 200 = 3 THEN 'inquiry' WHEN id % 200 = 23 THEN 'filed'
         ELSE 'punished' END,
         CASE WHEN id % 200 > 23 THEN 'penalty' END, @(40), @(39), @(20), CASE WHEN id % 200 > 23 THEN @(20) END
       FROM "case" WHERE id >= 10 AND id % 20 = 3""",
    # transfers of three cases each
    """INSERT INTO transfer (id, number, kind, step, receiver, unit, drafted_at, moved_at, sent_at, closed_at, outcome,
         content)
       SELECT k, 'ADW-TR-' || k, CASE WHEN k % 2 = 0 THEN 'clue' ELSE 'case' END,
         CASE WHEN k % 40 < 2 THEN 'draft' WHEN k % 40 < 4 THEN 'sent' WHEN k % 40 < 6 THEN 'received'
           WHEN k % 2 = 0 THEN 'filed' ELSE 'accepted' END, '公安机关', '某市应急管理局', @(20 + k % 200), @(10),
         CASE WHEN k % 40 >= 2 THEN @(10) END, CASE WHEN k % 40 >= 6 THEN @(5) END, CASE WHEN k % 40 >= 6
           THEN 'filed' END,
         CAST('{"receiver": "police", "addressee": "公安机关", "officers": [{"name": "张三", "certificate": "E1"}, '
         || '{"name": "李四", "certificate": "E2"}], "reason": "", "items": [], "no_report": "", "said": [],
           "cases": [], '
         || '"sellers": []}' AS %json%)
       FROM (SELECT id / 100 AS k FROM "case" WHERE id % 100 = 1 AND id > 100) a ORDER BY k""",
    """INSERT INTO transfer_case (transfer_id, case_id) SELECT t.id, t.id * 100 + a.n FROM transfer t,
         (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) a""",
    """INSERT INTO transfer_step (transfer_id, step, at, recorded_at, person, unit, note, reference)
       SELECT t.id, a.step, t.moved_at, t.moved_at, '王芳', '某市应急管理局', '', '' FROM transfer t,
         (SELECT 'draft' AS step, 0 AS n UNION ALL SELECT 'approved', 2 UNION ALL SELECT 'sent', 2 UNION ALL
          SELECT 'received', 4) a WHERE t.id % 40 >= a.n ORDER BY t.id, a.n""",
    """INSERT INTO track (case_id, track, step, opened_at, moved_at)
       SELECT x.case_id, 'crime', CASE WHEN t.step = 'draft' THEN 'preparing' WHEN t.step = 'sent' THEN 'clue_sent'
         ELSE 'received' END, t.drafted_at, t.moved_at FROM transfer t JOIN transfer_case x ON x.transfer_id = t.id""",
    """INSERT INTO report_lead (case_id, "column", day, person, at)
       SELECT x.case_id, 'online_transferred', #(t.id % 200), '王芳', t.moved_at
       FROM transfer t JOIN transfer_case x ON x.transfer_id = t.id WHERE t.sent_at IS NOT NULL""",
    # subjects
    """INSERT INTO subject (id, made_at, cases) SELECT subject_id, @(9), count(*) FROM "case"
         WHERE subject_id IS NOT NULL AND subject_id NOT IN (SELECT id FROM subject) GROUP BY subject_id""",
    """INSERT INTO subject_account (id, key, platform_id, seller_id, subject_id)
        SELECT id, %key%, min(platform_id), 's' || id, subject_id
        FROM (SELECT %ACCOUNT% AS id, c.platform_id, c.subject_id FROM "case" c WHERE c.id >= 10 AND c.subject_id > 0) a
        GROUP BY id, subject_id""",
    """INSERT INTO subject_member (listing_id, account_id, at)
        SELECT c.id, %ACCOUNT%, @(9) FROM "case" c WHERE c.id >= 10 AND c.subject_id > 0""",
    """INSERT INTO subject_mark (account_id, kind, value, listing_id, shown)
       SELECT a.id, k.kind, k.n * 100000000 + a.subject_id / k.over, min(m.listing_id), k.shown
         || (a.subject_id / k.over)
       FROM subject_account a JOIN subject_member m ON m.account_id = a.id,
         (SELECT 'contact' AS kind, 1 AS n, 1 AS over, 'ab***' AS shown UNION ALL SELECT 'text', 2, 1, NULL UNION ALL
          SELECT 'hotline', 3, 20, '400***') k
       WHERE a.id >= 1000 GROUP BY a.id, k.kind, k.n, a.subject_id / k.over, k.shown""",
    "INSERT INTO subject_holder (value, account_id) SELECT DISTINCT value, account_id FROM subject_mark "
    "WHERE account_id >= 1000",
)
PARTS = {
    "CONTENT": CONTENT,
    "TRACKED": STEP.replace("acknowledged", "received"),
    "ACCOUNT": ACCOUNT,
    "AGO": AGO,
    "LISTED": LISTED,
    "PAIRS": PAIRS,
    "REQUEST": REQUEST,
    "STEP": STEP,
    "_OF_ID": _OF_ID,
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "max": "max",
        "hex": "lower(hex(l.key))",
        "agg": "group_concat",
        "json": "text",
        "true": "1",
        "key": "CAST(printf('%016d', id) AS BLOB)",
        "later": "strftime('%Y-%m-%d %H:%M:%S.000000', t.sent_at, '+3 days')",
    },
    "postgresql": {
        "max": "greatest",
        "hex": "encode(l.key, 'hex')",
        "agg": "string_agg",
        "json": "json",
        "true": "true",
        "key": "convert_to(lpad(CAST(id AS text), 16, '0'), 'UTF8')",
        "later": "t.sent_at + interval '3 days'",
    },
}
TIMES = {
    "sqlite": (
        "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', (-({})) || ' days')",
        "date('now', (-({})) || ' days')",
    ),
    "postgresql": (
        "(now() - ({}) * interval '1 day')",
        "CAST(CAST(now() - ({}) * interval '1 day' AS date) AS varchar)",
    ),
}


def spelled(statement: str, dialect: str, numbers: Mapping[str, int]) -> str:
    """A statement as a database takes it."""
    for name, value in {**PARTS, **numbers, **WORDS[dialect]}.items():
        statement = statement.replace(f"%{name}%", str(value))
    for mark, way in zip("@#", TIMES[dialect], strict=True):
        while f"{mark}(" in statement:
            statement = _timed(statement, mark, way)
    return statement


def _timed(statement: str, mark: str, way: str) -> str:
    """The first of some marks, with its brackets, written as a time."""
    begin = statement.index(f"{mark}(")
    depth, end = 0, begin + 1
    for end in range(begin + 1, len(statement)):
        depth += {"(": 1, ")": -1}.get(statement[end], 0)
        if not depth:
            break
    return statement[:begin] + way.format(statement[begin + 2 : end]) + statement[end + 1 :]
