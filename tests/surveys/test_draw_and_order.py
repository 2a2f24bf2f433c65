from collections import Counter

from annotation_server.surveys.draw import draw
from annotation_server.surveys.order import Asked, order_for

PAIRS = [(0, 1), (0, 2), (1, 2)]


def asked(images: int, pairs: list[tuple[int, int]], checks: int = 0) -> list[Asked]:
    rows = [(image, False, pair) for image in range(images) for pair in pairs]
    rows += [(100 + check, True, (0, None)) for check in range(checks)]
    return [
        Asked(item=item, image=image, is_check=is_check, pair=pair)
        for item, (image, is_check, pair) in enumerate(rows)
    ]


def test_a_draw_is_repeated_by_its_seed_whatever_the_order():
    first = draw([*range(20)], 6, seed=3, sets=2, identical=2, broken=1)
    assert first == draw([*reversed(range(20))], 6, seed=3, sets=2, identical=2, broken=1)
    assert first != draw([*range(20)], 6, seed=4, sets=2, identical=2, broken=1)
    assert len(set(first.regular)) == 6
    checks = [*first.identical, *first.broken]
    assert not {image for image, _ in checks} & set(first.regular)
    assert [number for _, number in checks] == [0, 1, 0]


def test_few_images_are_asked_about_and_checked_by_themselves():
    small = draw([5, 7], 40, seed=0, sets=1, identical=0, broken=3)
    assert sorted(small.regular) == [5, 7]
    assert {image for image, _ in small.broken} == {5, 7}
    assert draw([], 40, seed=0, sets=1, identical=1, broken=1).images == []


def test_everybody_has_an_order_and_sides_of_their_own_half_left():
    items = asked(12, [(0, 1)], checks=2)
    seen = {number: order_for("secret", number, items) for number in range(1, 30)}
    assert seen[1] == order_for("secret", 1, items)
    assert len({tuple(one.item for one in shown) for shown in seen.values()}) == 29
    for shown in seen.values():
        assert sorted(one.item for one in shown) == list(range(14))
        assert sum(one.first_is_left for one in shown) == 7
    assert order_for("another", 1, items) != seen[1]


def test_of_several_pairs_everybody_gets_each_image_once_and_all_pairs_alike():
    items = asked(6, PAIRS)
    by_item = {item.item: item for item in items}
    met = Counter()
    for number in range(1, 4):
        shown = [by_item[one.item] for one in order_for("secret", number, items)]
        assert sorted(item.image for item in shown) == list(range(6))
        assert set(Counter(item.pair for item in shown).values()) == {2}
        met.update((item.image, item.pair) for item in shown)
    assert set(met.values()) == {1} and len(met) == 18
