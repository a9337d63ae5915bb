import xml.etree.ElementTree as ET

from catalog.art.canvas import Canvas, along, number, trace


def test_number_is_short() -> None:
    assert [number(value) for value in (3.0, 2.25, -0.04, 10.06)] == ["3", "2.2", "0", "10.1"]


def test_trace_writes_commands_and_points() -> None:
    assert trace("M", (0, 1), "L", (2.5, 3), "Z") == "M0 1L2.5 3Z"


def test_trace_parts_points_that_follow_each_other() -> None:
    assert trace("M", (0, 0), "C", (1, 2), (-3, 4), (5, 6)) == "M0 0C1 2 -3 4 5 6"


def test_along_starts_and_ends_on_the_curve() -> None:
    curve = [(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0)]

    assert along(curve, 0) == (0, 0)
    assert along(curve, 1) == (10, 0)
    assert along(curve, 0.5) == (5, 7.5)


def test_canvas_writes_a_repeated_path_once() -> None:
    canvas = Canvas("A-1")
    data = trace("M", *[(place, place) for place in range(20)], "Z")

    document = canvas.path(data, "#111111").line(data, "#222222").document("x")

    assert document.count(data) == 1
    assert document.count("<use ") == 2


def test_canvas_defines_an_equal_gradient_once() -> None:
    canvas = Canvas("A-1")

    first = canvas.linear([(0, "#000000"), (1, "#ffffff", 0.5)])
    second = canvas.linear([(0, "#000000"), (1, "#ffffff", 0.5)])

    assert first == second
    assert canvas.document("x").count("<linearGradient") == 1


def test_canvas_escapes_its_title() -> None:
    document = Canvas("A-1").document("Salt & <pepper>")

    assert next(ET.fromstring(document).iter("{http://www.w3.org/2000/svg}title")).text == "Salt & <pepper>"
