"""The index as a run's last stage: it is told how the index stands in one word, and never fails because of it."""

from __future__ import annotations

from dataclasses import dataclass

from adwatch.app.life_lines import AT_AN_ACT, life_lines_now
from adwatch.app.linking import link_now
from adwatch.app.office import Office
from adwatch.errors import LockHeld, SearchError, SettingsError
from adwatch.search import push
from adwatch.store.engine import reading
from adwatch.store.figures import outbox_figures

WORDS = {
    "ok": "正常",
    "busy": "另一进程正在更新",
    "settings": "设置有误",
    "failed": "失败",
    "cannot be reached": "连不上",
    "no answer in time": "超时无应答",
    "no TLS connection": "无法建立加密连接",
    "no Elasticsearch": "不是 Elasticsearch",
    "certificate expired": "证书过期",
    "certificate of another host": "证书属于别的主机",
    "certificate not trusted": "证书不受信任",
    "wrong password": "密码错误",
    "no right": "权限不足",
    "no index yet": "索引不存在",
    "disk full": "磁盘已满",
    "read-only": "索引只读",
    "mapping conflict": "字段定义冲突",
    "overloaded": "服务器过载",
    "red": "分片缺失",
    "red or starting": "分片缺失或正在启动",
    "ahead of the store": "索引比存储新",
    "another version": "索引由别的版本建立",
}
"""Chinese names of the words; each is also the beginning of what doctor says."""

GOOD = ("ok", "busy")
"""Words with which nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """How the index stands after a run."""

    word: str
    """ok, or in one word why not."""
    note: str = ""
    """The same for the report, with the cause and how much waits; empty where all is well."""


def index_now(office: Office) -> Indexed:
    """Link what was flagged and send what has changed; what the index does not take now waits, and nothing is lost."""
    link_now(office)
    life_lines_now(office, AT_AN_ACT)
    try:
        push(office.engine, office.index)
    except LockHeld as error:
        return _waits(office, "busy", str(error))
    except SettingsError as error:
        return _waits(office, "settings", str(error))
    except SearchError as error:
        return _waits(office, error.word, str(error))
    return Indexed("ok")


def forget_now(office: Office) -> Indexed:
    """The same, and what was replaced leaves the disk of the index too: for words that were deleted for good."""
    stands = index_now(office)
    if stands.word != "ok":
        return stands
    try:
        left = office.index.forget()
    except SearchError as error:
        return _waits(office, error.word, str(error))
    note = f"检索索引 index: 集群磁盘上还有 {left:,} 份旧文档 replaced documents on its disks; 下次清理时再删"
    return Indexed("ok", note if left else "")


def _waits(office: Office, word: str, cause: str) -> Indexed:
    with reading(office.engine) as connection:
        waiting = outbox_figures(connection).depth
    office.log.warning("index", word=word, waiting=waiting)
    return Indexed(word, f"检索索引 index: {WORDS[word]} {word}: {waiting:,} 条变更待补送 changes wait; {cause}")
