"""Where the pictures of the sheet lie: held against plain counting, and at a size where counting would take long."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.advice.change import Change
from augstudio.dataset import Source
from augstudio.gui.sheet.arranging import (
    SQUARE,
    Arrangement,
    Measures,
    Rect,
    Section,
    Way,
    by_change,
    sections_of,
    shape_of,
    spread,
)
from augstudio.gui.sheet.words import heading_words


def sources(label: str, many: int, split: str = "") -> list[Source]:
    return [Source(f"{split}/{label}/{number:05}.jpg", "/root", label, split) for number in range(many)]


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    sizes = draw(st.lists(st.integers(0, 23), min_size=1, max_size=6))
    titled = draw(st.booleans()) or len(sizes) > 1
    sections = [
        Section(f"c{number}" if titled else "", tuple(sources(f"c{number}", many)), many)
        for number, many in enumerate(sizes)
    ]
    tile = draw(st.integers(10, 200)), draw(st.integers(10, 200))
    gap = draw(st.integers(1, 12))
    width = draw(st.integers(1, 900))
    return Arrangement(sections, Measures(tile, gap, 30), width)


def overlap(one: Rect, other: Rect) -> bool:
    across = one.left < other.left + other.width and other.left < one.left + one.width
    return across and one.top < other.bottom and other.top < one.bottom


# -- which -------------------------------------------------------------------------------------------------------------


@given(many=st.integers(0, 300), most=st.integers(0, 40))
def test_so_many_are_spread_evenly(many: int, most: int) -> None:
    found = spread(sources("a", many), most)
    assert len(found) == (min(many, most) if most else many)
    places = [int(source.name[:5]) for source in found]
    assert places == sorted(set(places))
    if most and many > most:
        gaps = {later - first for first, later in pairwise(places)}
        assert max(gaps, default=1) - min(gaps, default=1) <= 1
        assert places[0] == 0


def test_sections_are_the_classes_of_each_split() -> None:
    all_of_them = [
        *sources("mug", 5, "train"),
        *sources("book", 3, "train"),
        *sources("mug", 2, "val"),
        *sources("", 1),
    ]
    found = sections_of(all_of_them, 4)
    assert [(section.title, len(section.sources), section.total) for section in found] == [
        ("train / mug", 4, 5),
        ("train / book", 3, 3),
        ("val / mug", 2, 2),
        ("no class", 1, 1),
    ]
    assert [section.judges for section in found] == [False, False, True, False]
    assert "without copies" in heading_words(2, 2, judges=True)
    assert heading_words(4, 5, judges=False) == "4 of 5"
    assert [section.title for section in sections_of(sources("", 3), 0)] == [""]
    assert sections_of([], 8) == ()


def test_the_largest_change_comes_first_and_what_is_not_known_last() -> None:
    a, b, c, d, e = sources("a", 5)
    changes: dict[Source, Change | None] = {b: Change(0.1), d: Change(0.1, 0.2), e: None, a: Change(0.1)}
    assert by_change([a, b, c, d, e], changes) == (d, a, b, e, c)


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ([], SQUARE),
        ([(400, 300)] * 5, (1, 0.75)),
        ([(300, 400)] * 5, (0.75, 1)),
        ([(400, 300)] * 5 + [(300, 400)] * 5, SQUARE),
        ([(400, 300)] * 9 + [(300, 400)], (1, 0.75)),
        ([(4000, 3)], (1, 0.4)),
        ([(1, 1)], SQUARE),
    ],
)
def test_pictures_have_a_box_of_the_shape_of_most(sizes: list[tuple[int, int]], shape: tuple[float, float]) -> None:
    assert shape_of(sizes) == pytest.approx(shape)


# -- where -------------------------------------------------------------------------------------------------------------


@given(arrangements())
def test_nothing_lies_over_anything_else(found: Arrangement) -> None:
    rects = [found.rect(number) for number in range(found.count)]
    rects += [found.heading(section) for section in range(len(found.sections)) if found.sections[section].title]
    for number, one in enumerate(rects):
        assert one.bottom <= found.height
        assert one.left >= 0
        assert found.columns == 1 or one.left + one.width <= found.width
        assert not any(overlap(one, other) for other in rects[number + 1 :])


@given(found=arrangements(), top=st.integers(-50, 3000), height=st.integers(0, 500))
def test_what_lies_between_two_heights_is_found(found: Arrangement, top: int, height: int) -> None:
    bottom = top + height
    inside = [n for n in range(found.count) if found.rect(n).top < bottom and found.rect(n).bottom > top]
    told = list(found.tiles_in(top, bottom)) if height else inside
    assert set(inside) <= set(told)
    rows = {found.rect(number).top for number in inside}
    assert {found.rect(number).top for number in told} <= rows or not inside
    headings = [
        s
        for s in range(len(found.sections))
        if (r := found.heading(s)).height and r.top < bottom and r.bottom > top and height
    ]
    assert set(headings) <= set(found.sections_in(top, bottom))


@given(found=arrangements(), x=st.integers(-5, 900), y=st.integers(-5, 3000))
def test_what_lies_at_a_place_is_found(found: Arrangement, x: int, y: int) -> None:
    def holds(rect: Rect) -> bool:
        return rect.left <= x < rect.left + rect.width and rect.top <= y < rect.bottom

    there = [number for number in range(found.count) if holds(found.rect(number))]
    assert found.at(x, y) == (there[0] if there else None)


@given(arrangements())
def test_pictures_keep_their_numbers_in_the_order_of_the_sections(found: Arrangement) -> None:
    inside = [source for section in found.sections for source in section.sources]
    assert found.count == len(inside)
    for number, source in enumerate(inside):
        assert found.source(number) == source
        assert found.number(source.key) == number
        assert source in found.sections[found.section_of(number)].sources
        place, many = found.place_in_section(number)
        assert found.sections[found.section_of(number)].sources[place - 1] == source
        assert many == len(found.sections[found.section_of(number)].sources)
    assert found.number("nothing") is None


@given(found=arrangements(), data=st.data())
def test_arrow_keys_lead_to_what_lies_there(found: Arrangement, data: st.DataObject) -> None:
    if not found.count:
        return
    number = data.draw(st.integers(0, found.count - 1))
    here = found.rect(number)
    assert found.next_to(number, Way.LEFT) == max(0, number - 1)
    assert found.next_to(number, Way.RIGHT) == min(found.count - 1, number + 1)
    for way, sign in ((Way.DOWN, 1), (Way.UP, -1)):
        there = found.next_to(number, way)
        rect = found.rect(there)
        rows = sorted({found.rect(n).top for n in range(found.count)})
        beyond = [top for top in rows if sign * top > sign * here.top]
        if not beyond:
            assert there == number
        else:
            assert rect.top == (beyond[0] if sign > 0 else beyond[-1]), "the next row"
            assert rect.left <= here.left
        paged = found.page(number, 400, way)
        assert sign * found.rect(paged).top >= sign * here.top
        assert (paged == number) == (not beyond)
        assert abs(found.rect(paged).top - here.top) <= max(400, abs(rect.top - here.top))


def test_every_picture_is_reached_by_paging_down() -> None:
    sections = [Section(f"c{n}", tuple(sources(f"c{n}", 30)), 30) for n in range(20)]
    found, number, pages = Arrangement(sections, Measures((80, 80)), 500), 0, 0
    while (following := found.page(number, 400, Way.DOWN)) != number:
        number, pages = following, pages + 1
    assert found.rect(number).top == max(found.rect(n).top for n in range(found.count))
    assert pages <= 1.2 * found.height / (400 - 88)


def test_twenty_thousand_pictures_in_a_thousand_classes_take_no_time() -> None:
    many = [source for label in range(1000) for source in sources(f"c{label:04}", 20)]
    found = Arrangement(sections_of(many, 0), Measures((140, 160)), 900)
    assert (found.count, len(found.sections)) == (20_000, 1000)
    assert found.number(many[12_345].key) == 12_345
    start = perf_counter()
    for number in range(1000):
        top = number * found.height // 1000
        list(found.tiles_in(top, top + 700))
        found.at(300, top)
        found.next_to(number * 20, Way.DOWN)
    assert (perf_counter() - start) / 1000 < 0.001
