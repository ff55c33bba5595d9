"""Hits in disguise, and words that only look like one."""

from __future__ import annotations

import pytest

from classifiers.analysis import Reader


def words(reader: Reader, raw: str) -> set[str]:
    return {hit.entry.word for hit in reader.read("", raw).text.hits if hit.entry.kind in ("promise", "certificate")}


@pytest.mark.parametrize(
    ("raw", "word", "fold"),
    [
        ("电工证包過", "包过", "traditional"), ("电工证包·过", "包过", "separators"), ("电工证bao过", "包过", "pinyin"), ("焊工zheng好办", "焊工证", "pinyin"),
        ("特种作业操作言正", "特种作业操作证", "split"), ("电工证免拷 加v", "免考", "homophone"), ("焊工政可办", "焊工证", "homophone"), ("特种作业操证作", "特种作业操作证", "swapped"),
        ("包\u200b过的电工证", "包过", "separators"), ("❶０天出證", "10天出证", "enclosed"),
    ],
)  # fmt: skip
def test_disguised(reader: Reader, raw: str, word: str, fold: str) -> None:
    hits = reader.read("", raw).text.hits
    found = [hit for hit in hits if hit.entry.word == word]
    assert found, words(reader, raw)
    assert fold in found[0].folds
    text = reader.read("", raw).text.raw
    assert 0 <= found[0].start < found[0].end <= len(text)


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("避免考生往返", "免考"), ("帮我打包过来", "包过"), ("即买即办证", "办证"), ("包裹到了", "包过"), ("家政服务", "假证"), ("车辆挂靠经营", "挂靠"),
        ("社保挂靠", "挂靠"), ("督办政务事项", "办证"), ("他承包过鱼塘", "包过"), ("环保过关", "保过"),
    ],
)  # fmt: skip
def test_no_hit(reader: Reader, raw: str, word: str) -> None:
    assert word not in words(reader, raw)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("电工证包过", "plain"), ("我们绝不承诺包过", "negated"), ("对方声称包过，结果没过", "ascribed"), ("所谓“包过”都是骗人", "ascribed"), ("电工证能包过吗", "asked"),
        ("宣传“包过”的机构", "quoted"),
    ],
)  # fmt: skip
def test_status(reader: Reader, raw: str, status: str) -> None:
    found = [hit.status for hit in reader.read("", raw).text.hits if hit.entry.word == "包过"]
    assert found == [status]
