"""Pictures that belong together are told by folder, by pattern, or by a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from augstudio.dataset import Source
from augstudio.dataset.groups import By, Grouping, GroupingError, from_csv, from_json, parse_grouping, together


def sources(*keys: str) -> list[Source]:
    return [Source(key, "/nowhere", key.rpartition("/")[0]) for key in keys]


def test_by_folder() -> None:
    grouping = parse_grouping(" Folder ")
    assert grouping == Grouping(By.FOLDER)
    pictures = sources("cat/film1/1.png", "cat/film1/2.png", "cat/film2/1.png", "dog/film1/1.png", "top.png")
    assert list(grouping.groups(pictures)) == ["cat/film1", "cat/film1", "cat/film2", "dog/film1", ""]


def test_by_pattern() -> None:
    grouping = parse_grouping(r"patient(\d+)(?:_(left|right))?")
    pictures = sources("a/patient12_left_3.png", "b/patient12_left_9.png", "patient12.png", "b/other.png")
    found = list(grouping.groups(pictures))
    assert found[0] == found[1] != found[2]
    assert found[3] is None


@pytest.mark.parametrize(
    "text",
    [
        "key,group\na/1.png,7\nb/2.png,8\n",
        "a/1.png;7;left\r\nb/2.png;8;right\r\n",
        "\ufeffFile\tPatient\na/1.png\t7\n\nb/2.png\t8",
        './a/1.png,"7"\nb\\2.png, 8 \n',
    ],
)
def test_by_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "groups.CSV").write_bytes(text.encode())
    grouping = parse_grouping(str(tmp_path / "groups.CSV"))
    assert grouping.table == (("a/1.png", "7"), ("b/2.png", "8"))
    assert list(grouping.groups(sources("b/2.png", "c/3.png", "a/1.png"))) == ["8", None, "7"]
    assert str(grouping) == "groups.CSV", "not where it lay"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\0", "no text in UTF-8"),
        (b"", "no key with a group"),
        (b"key,group\n", "no key with a group"),
        (b"a.png\n", 'row 1 is ["a.png"]; needed are a key and a group'),
        (b"a.png,1\nb.png,\n", 'row 2 is ["b.png", ""]'),
        (b"a.png,1\na.png,2\n", 'row 2 puts "a.png" into "2", another into "1"'),
        (b'a.png,1\n"' + b"x" * 200_000 + b'",2\n', "it is no CSV (field larger than field limit"),
    ],
)
def test_a_wrong_table_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(GroupingError) as caught:
        from_csv(data, "the table.csv")
    assert str(caught.value).startswith("the table.csv: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 characters; allowed are 1 to 1,000"),
        ("(" * 2000, "2,000 characters"),
        ("(patient", "no regular expression: missing )"),
        (r"patient\d", "it must be folder, the file of a table (.csv), or a regular expression with a group"),
        ("nowhere.csv", "nowhere.csv: cannot be read (no such file or folder)"),
    ],
)
def test_a_wrong_grouping_is_refused(text: str, said: str) -> None:
    with pytest.raises(GroupingError) as caught:
        parse_grouping(text)
    assert said in str(caught.value)


@given(st.dictionaries(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip), min_size=1))
@example({"0": "\n0\r0"})
def test_a_table_comes_back(table: dict[str, str]) -> None:
    first = Grouping(By.TABLE, "t.csv", tuple(sorted(table.items())))
    try:
        kept = from_csv(first.as_csv(), "t.csv")
    except (GroupingError, UnicodeEncodeError):
        return  # two keys that are one when they are written, or what no file holds
    again = from_csv(kept.as_csv(), "t.csv")
    assert again == kept
    assert from_json(json.loads(json.dumps(kept.as_json())), kept.as_csv()) == kept


def test_from_json() -> None:
    for grouping in (parse_grouping("folder"), parse_grouping("(a+)b")):
        assert from_json(json.loads(json.dumps(grouping.as_json())), None) == grouping
    table = Grouping(By.TABLE, "t.csv", (("a.png", "1"),))
    with pytest.raises(GroupingError, match="missing"):
        from_json(table.as_json(), None)
    with pytest.raises(GroupingError, match="has been changed"):
        from_json(table.as_json(), b"a.png,2\n")
    for wrong in ({"by": "chance"}, {"by": "pattern", "pattern": 7}, {"by": "pattern", "pattern": "("}, {}):
        with pytest.raises((ValueError, TypeError, KeyError)):
            from_json(wrong, None)


@given(
    st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.lists(st.integers(0, n - 1), min_size=1))))
)
def test_groups_that_share_a_member_are_one(case: tuple[int, list[list[int]]]) -> None:
    count, groups = case
    leads = together(count, groups[::2], groups[1::2])
    sets = [{member} for member in range(count)]
    for group in groups:
        joined = set().union(*(sets[member] for member in group))
        for member in joined:
            sets[member] = joined
    assert all((leads[one] == leads[other]) == (other in sets[one]) for one in range(count) for other in range(count))
    assert all(leads[lead] == lead for lead in leads)
