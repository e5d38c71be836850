"""The report in Debian's Chromium, or any that is found, as its readers see it."""

import pytest
from browsers import asked_for, look, needs_browser

from experiments.reports import EVIL, LONG, METHODS, made_up

pytestmark = [needs_browser, pytest.mark.extra("selenium")]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return made_up().save_report(tmp_path_factory.mktemp("report") / "report.html").as_uri()


@pytest.fixture
def page(browser, address):
    look(browser, 1200)
    browser.get(address)
    return browser


def column(page, table, place):
    script = "return [...document.getElementById(arguments[0]).parentElement.tBodies[0].rows]"
    return page.execute_script(f"{script}.map(row => row.cells[{place}].innerText)", table)


def head(page, table, place):
    script = "return document.getElementById(arguments[0]).parentElement.tHead.rows[0].cells"
    return page.execute_script(f"{script}[arguments[1]]", table, place)


def test_no_message_in_the_console_and_no_request(browser, address):
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(address)
    assert asked_for(browser) == {address}
    assert browser.get_log("browser") == []


def test_names_are_shown_and_not_run(page):
    assert EVIL in page.title
    assert EVIL in page.find_element("tag name", "h1").text
    assert page.execute_script("return window.broken") is None


def test_a_click_sorts_and_another_turns_round(page):
    assert column(page, "delta-table", 0) == ["Single", "Uniform", "MTLKD", "SCD"]
    cell = head(page, "delta-table", 2)
    assert cell.get_attribute("aria-sort") == "none"
    cell.find_element("tag name", "button").click()
    assert cell.get_attribute("aria-sort") == "descending"
    assert column(page, "delta-table", 0) == ["SCD", "Single", "MTLKD", "Uniform"]
    cell.find_element("tag name", "button").click()
    assert cell.get_attribute("aria-sort") == "ascending"
    assert column(page, "delta-table", 0) == ["Uniform", "MTLKD", "Single", "SCD"]


def test_the_first_click_brings_the_best_up_where_lower_is_better(page):
    head(page, "scores-table", 2).find_element("tag name", "button").click()
    assert column(page, "scores-table", 0)[0] == "SCD"
    assert column(page, "scores-table", 2)[-1].startswith("1.000")


def test_the_keyboard_sorts(page):
    from selenium.webdriver import ActionChains, Keys

    first = head(page, "delta-table", 0)
    page.execute_script("arguments[0].querySelector('button').focus()", first)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    assert first.get_attribute("aria-sort") == "ascending"
    assert column(page, "delta-table", 0) == ["MTLKD", "SCD", "Single", "Uniform"]
    ActionChains(page).send_keys(Keys.TAB, Keys.SPACE).perform()
    assert head(page, "delta-table", 2).get_attribute("aria-sort") == "descending"
    assert first.get_attribute("aria-sort") == "none"


def test_what_has_no_value_comes_last(page):
    script = """
        const cell = document.querySelector("#seeds-table").parentElement.tBodies[0].rows[0].cells;
        cell[cell.length - 1].dataset.value = "";"""
    page.execute_script(script)
    last = page.execute_script(
        "return document.querySelector('#seeds-table').parentElement.tHead.rows[0].lastChild"
    )
    for _ in range(2):
        last.find_element("tag name", "button").click()
        assert column(page, "seeds-table", 0)[-1] == "Single"


def test_boxes_show_and_hide_methods_in_all_panels(page):
    def shown():
        return page.execute_script(
            "return [...document.querySelectorAll('.curves .method3')]"
            ".map(line => getComputedStyle(line).display !== 'none')"
        )

    assert shown() == [True, True]
    box = page.find_element("css selector", ".legend input[value=method3]")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
    box.click()
    assert shown() == [False, False]
    box.click()
    assert shown() == [True, True]


@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_is_no_wider_than_the_screen(page, address, width):
    look(page, width)
    page.get(address)
    sizes = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wanted, given = page.execute_script(sizes)
    assert wanted <= given <= width


def test_no_table_is_cut_on_a_phone(page, address):
    look(page, 390)
    page.get(address)
    cut = page.execute_script(
        "return [...document.querySelectorAll('.scroll')].filter(region => "
        "region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight)"
        ".map(region => region.innerText)"
    )
    assert cut == []
    row = page.execute_script(
        "return document.getElementById('costs-table').parentElement.tBodies[0].rows[3].innerText"
    )
    assert row.split("\n")[:1] == ["SCD"]
    cell = page.execute_script(
        "const row = document.getElementById('costs-table').parentElement.tBodies[0].rows[3];"
        "return getComputedStyle(row.cells[1], '::before').content"
    )
    assert cell == '"Parameters"'
    head(page, "costs-table", 1).find_element("tag name", "button").click()
    assert column(page, "costs-table", 0)[-1] == "Single"
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node.get("ignored")]
    assert roles.count("rowheader") > 10
    assert "columnheader" in roles


def test_dark_mode_turns_text_and_pictures(page):
    script = """
        const colour = (selector, name) =>
          getComputedStyle(document.querySelector(selector)).getPropertyValue(name);
        return [colour("body", "background-color"), colour("body", "color"),
          colour(".marks .mean", "fill"), colour(".curves .colour0 .line", "stroke")];"""
    light = page.execute_script(script)
    look(page, 1200, dark=True)
    dark = page.execute_script(script)
    assert light[0] == "rgb(255, 255, 255)"
    assert dark[0] == "rgb(22, 24, 29)"
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_every_picture_has_a_size_and_lines_are_inside(page):
    empty = page.execute_script(
        "return [...document.querySelectorAll('svg')].filter("
        "svg => { const box = svg.getBoundingClientRect(); return !(box.width && box.height); })"
    )
    assert empty == []
    paths = page.execute_script(
        "return [...document.querySelectorAll('.curves .line')].map(path => path.getTotalLength())"
    )
    assert len(paths) == 2 * (len(METHODS) + 1)
    assert min(paths) > 100


def test_the_accessibility_tree_names_tables_and_pictures(page):
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = {}
    for node in nodes:
        if not node.get("ignored"):
            role = node["role"]["value"]
            named.setdefault(role, []).append(node.get("name", {}).get("value", ""))
    assert {"banner", "navigation", "main"} <= set(named)
    assert all(named["table"])
    pictures = named.get("image", []) + named.get("img", [])
    assert any(name.startswith("SCD: +10.0 ±0.0 %") for name in pictures)
    assert f"{LONG}: 0.25 from epoch 1, 1.00 from epoch 5" in pictures
    assert all(pictures)
