"""The page as people meet it: in a browser, on a phone, in the dark, on paper, under attack."""

import pytest
from chromium import tab as open_tab
from report_artifacts import Recipe, build, params, paths
from test_page import HOSTILE

from attune.steps import report

pytestmark = pytest.mark.browser

SIZES = [(375, 812), (768, 1024), (1280, 900)]


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with open_tab(tmp_path_factory.mktemp("profile")) as found:
        yield found


def made(folder, recipe):
    build(folder, recipe)
    report.run(params(recipe), **paths(folder))
    return folder / "reports/index.html"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return made(tmp_path_factory.mktemp("plain"), Recipe())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    texts = dict.fromkeys(("utterance", "speaker", "category", "transcript"), HOSTILE)
    return made(tmp_path_factory.mktemp("hostile"), Recipe(texts=texts))


@pytest.fixture
def page(tab, plain):
    tab.resize(1280, 900)
    return tab.open(plain)


def text(page, selector):
    return page.js(f"document.querySelector({selector!r}).textContent")


def click(page, selector, nth=0):
    page.js(f"document.querySelectorAll({selector!r})[{nth}].click()")


def choose(page, selector, value):
    page.js(f"document.querySelector({selector!r}).value = {value!r}")
    page.js(f"document.querySelector({selector!r}).dispatchEvent(new Event('change'))")


def key(page, name):
    page.js(f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{key: {name!r}, bubbles: true}}))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_without_a_fault_and_fits_the_screen(tab, plain, size, scheme):
    tab.resize(*size, phone=size[0] < 500)
    tab.scheme(scheme)
    tab.open(plain)
    tab.js("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert tab.faults == []
    assert [address for address in tab.requests if not address.startswith(("file:", "data:", "blob:"))] == []
    assert tab.js("document.documentElement.scrollWidth") == size[0]
    assert not tab.js("document.getElementById('explorer').hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(tab, plain, scheme):
    tab.resize(1280, 900)
    tab.scheme(scheme)
    tab.open(plain)
    found = tab.js(
        """(() => {
        const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const light = (colour) => channels(colour).map((c) => c / 255)
          .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
          .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const ground = (e) => { for (; e; e = e.parentElement) {
          const colour = getComputedStyle(e).backgroundColor;
          if (!/, 0\\)$/.test(colour)) return colour; } };
        const texts = document.querySelectorAll('p, td, th, dt, dd, a, small, h1, h2, h3, h4, li, summary, button, '
          + 'select, svg.forest text');
        return [...texts].filter((e) => e.textContent.trim()).map((e) => {
          const own = getComputedStyle(e), [a, b] = [light(e.closest('svg') ? own.fill : own.color), light(ground(e))];
          return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); });
        })()"""
    )
    assert len(found) > 100
    assert min(found) >= 4.5


def test_picking_an_utterance_changes_the_picture_and_the_facts(page):
    before = page.js("document.querySelector('.wave .outline').getAttribute('d')")
    click(page, ".choice", 2)
    assert page.js("document.querySelector('.wave .outline').getAttribute('d')") != before
    assert text(page, ".detail-id") == page.js("document.querySelectorAll('.choice-id')[2].firstChild.textContent")
    assert page.js("document.querySelectorAll('.choice[aria-current=true]').length") == 1


def test_arrows_go_through_all_utterances_and_round(page):
    first = text(page, ".detail-id")
    seen = set()
    for _ in range(6):
        seen.add(text(page, ".detail-id"))
        click(page, "[data-action=next]")
    assert len(seen) == 6
    assert text(page, ".detail-id") == first


def test_tasks_can_be_hidden_and_shown(page):
    assert page.js("document.querySelectorAll('.wave path.attention').length") == 3
    click(page, ".toggle.valence")
    assert page.js("document.querySelectorAll('.wave path.attention').length") == 2
    assert page.js("document.querySelector('.toggle.valence').getAttribute('aria-pressed')") == "false"


def test_attention_has_the_colours_of_the_tasks(page):
    page.scheme("light")
    colour = "getComputedStyle(document.querySelector('.wave .attention-area.{}')).fill"
    assert page.js(colour.format("arousal")) == "rgb(209, 73, 91)"
    assert page.js(colour.format("valence")) == "rgb(0, 121, 140)"
    assert page.js(colour.format("dominance")) == "rgb(237, 174, 73)"


def test_the_cue_is_drawn_where_it_is(page):
    one = page.js("JSON.parse(document.getElementById('explorer-data').textContent).utterances[0]")
    x = float(page.js("document.querySelector('.wave .cue').getAttribute('x')"))
    assert x == pytest.approx(1000 * one["cue"][0] / one["seconds"], abs=0.1)


def test_a_system_without_attention_can_be_chosen(page):
    choose(page, "[data-choice=system]", "stl")
    assert page.js("document.querySelectorAll('.wave path.attention').length") == 0
    assert page.js("document.querySelectorAll('.verdicts .bar').length") == 9
    assert page.faults == []


def test_filters_narrow_the_list_and_say_when_nothing_is_left(page):
    def left_by(name, value):
        choose(page, f"[data-filter={name}]", value)
        return page.js("document.querySelectorAll('.choice').length")

    every = left_by("arousal", "")
    assert left_by("arousal", "right") + left_by("arousal", "wrong") == every
    assert text(page, ".verdict-line").startswith("Wrong")
    left = [left_by("valence", "right"), left_by("valence", "wrong")]
    assert sum(left) < every
    if 0 not in left:
        for speaker in page.js("[...document.querySelector('[data-filter=speaker]').options].map((o) => o.value)"):
            left.append(left_by("speaker", speaker))
    assert 0 in left
    assert page.js("document.querySelector('.empty').hidden") == (
        page.js("document.querySelectorAll('.choice').length") > 0
    )
    click(page, "[data-action=reset]")
    assert page.js("document.querySelectorAll('.choice').length") == every


def test_it_plays_and_the_playhead_moves(page):
    seconds = page.js("JSON.parse(document.getElementById('explorer-data').textContent).utterances[0].seconds")
    page.wait("document.querySelector('audio').readyState >= 2")
    assert page.js("document.querySelector('audio').duration") == pytest.approx(seconds, abs=0.02)
    click(page, ".play")
    page.wait("Number(document.querySelector('.playhead').getAttribute('x1')) > 0")
    page.wait("document.querySelector('audio').ended")
    page.wait("document.querySelector('.play').getAttribute('aria-label') === 'Play'")
    assert page.faults == []


def test_clicking_the_waveform_seeks(page):
    page.wait("document.querySelector('audio').readyState >= 2")
    page.js("document.querySelector('.wave').scrollIntoView({block: 'center', behavior: 'instant'})")
    box = page.js("document.querySelector('.wave svg').getBoundingClientRect().toJSON()")
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    assert page.js("Number(document.querySelector('.playhead').getAttribute('x1'))") == pytest.approx(250, abs=2)


def test_the_position_is_a_slider_for_the_keyboard(page):
    page.wait("document.querySelector('audio').readyState >= 2")
    page.js("document.querySelector('.wave').focus()")
    key(page, "ArrowRight")
    wave = "document.querySelector('.wave').getAttribute('aria-{}')"
    assert float(page.js(wave.format("valuenow"))) == pytest.approx(0.1, abs=0.01)
    key(page, "End")
    assert page.js(wave.format("valuenow")) == page.js(wave.format("valuemax"))
    key(page, "Home")
    assert "0.00 of" in page.js(wave.format("valuetext"))


def test_everything_that_can_be_clicked_can_be_reached_by_keys_and_has_a_name(page):
    nameless = page.js(
        "[...document.querySelectorAll('a, button, select, [tabindex]')].filter((e) => e.offsetParent && !("
        "e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))).length"
    )
    assert nameless == 0
    assert page.js("[...document.querySelectorAll('[onclick]')].length") == 0


def test_hostile_text_is_shown_and_never_run(tab, hostile):
    tab.resize(375, 812, phone=True)
    tab.open(hostile)
    tab.js("for (const folded of document.querySelectorAll('details')) folded.open = true")
    for _ in range(6):
        click(tab, "[data-action=next]")
    assert tab.js("window.hacked") is None
    assert tab.js("document.querySelectorAll('img[src=x], main script').length") == 0
    assert HOSTILE in text(tab, ".transcript")
    assert tab.faults == []
    assert tab.js("document.documentElement.scrollWidth") == 375


def test_injected_markup_would_not_run_even_if_it_got_in(page):
    page.js("document.querySelector('.reason').innerHTML = '<img src=x onerror=\"window.hacked=1\">'")
    page.js("new Promise((done) => setTimeout(done, 200))")
    assert page.js("window.hacked") is None


def test_paper_shows_everything_unfolded(page):
    assert page.pdf().startswith(b"%PDF")
    page.js("dispatchEvent(new Event('beforeprint'))")
    assert page.js("document.querySelectorAll('details:not([open])').length") == 0
    page.js("dispatchEvent(new Event('afterprint'))")
    assert page.js("document.querySelectorAll('details[open]').length") == 0


def listed(page):
    return page.js("[...document.querySelectorAll('.choice-id > span:first-child')].map((one) => one.textContent)")


def test_a_cell_of_the_confusions_opens_just_its_utterances_with_sound_and_attention(page):
    cells = page.js(
        "[...document.querySelectorAll('.confusion .opens')].map((one) => ({...one.dataset, name: "
        "one.getAttribute('aria-label'), count: one.querySelector('.count').textContent}))"
    )
    assert len({(one["task"], one["actual"], one["predicted"]) for one in cells if one["system"] == "mtl-att"}) > 6
    data = page.js("JSON.parse(document.getElementById('explorer-data').textContent)")
    for nth, cell in enumerate(cells[:6]):
        click_svg(page, ".confusion .opens", nth)
        expected = [
            one["id"]
            for one in data["utterances"]
            if one["truth"][cell["task"]][1] == int(cell["actual"])
            and one["systems"][cell["system"]][cell["task"]]["class"] == int(cell["predicted"])
        ]
        assert listed(page) == expected
        assert cell["name"].startswith(f"Listen to {len(expected)} of {cell['count']} utterances")
        assert text(page, ".detail-id") == expected[0]
    page.wait("document.querySelector('audio').readyState >= 2")
    assert page.js("document.querySelectorAll('.wave path.attention').length") == 3
    assert text(page, ".narrowed").startswith(f"{cell['task'].capitalize()}: rated ")
    click(page, ".narrowed [data-action=reset]")
    assert listed(page) == [one["id"] for one in data["utterances"]]
    assert page.faults == []


def click_svg(page, selector, nth=0):
    page.js(f"document.querySelectorAll({selector!r})[{nth}].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")


def test_a_point_of_the_scatter_plot_opens_its_utterance(page):
    click_svg(page, ".confusion .opens")
    wanted = page.js("document.querySelectorAll('.scatter .point')[3].dataset.utterance")
    click_svg(page, ".scatter .point", 3)
    assert text(page, ".detail-id") == wanted
    assert page.js("document.querySelector('.narrowed').hidden")
    assert page.js("document.activeElement.querySelector('.choice-id > span').textContent") == wanted
    page.wait("document.getElementById('listen').getBoundingClientRect().top < innerHeight")


def test_keys_open_them_too(page):
    page.js("document.querySelectorAll('.scatter .point')[5].focus()")
    wanted = page.js("document.activeElement.dataset.utterance")
    key(page, "Enter")
    assert text(page, ".detail-id") == wanted


def test_the_nulls_are_drawn_with_what_was_observed(page):
    assert page.js("document.querySelectorAll('#attention .null .null-bar').length") > 9
    assert page.js("document.querySelectorAll('#attention .null .observed').length") == 9
    assert page.js("document.querySelector('#attention .null .number').textContent").startswith("observed ")


def test_no_sentence_is_on_the_page_twice(page):
    sentences = page.js("[...document.querySelectorAll('.finding')].map((one) => one.textContent)")
    assert len(sentences) > 20
    assert len(sentences) == len(set(sentences))


def test_masking_curves_are_drawn_for_every_task_with_a_key_to_their_lines(page):
    assert page.js("document.querySelectorAll('#attention svg.masking').length") == 6
    assert page.js("document.querySelectorAll('#attention svg.masking path.curve.contribution').length") == 6
    assert "strongest contribution" in text(page, ".legend.masking")
