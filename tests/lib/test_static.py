"""The style sheets and scripts keep the rules of the house: one place for colours, readable, old browsers, no inline."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.template.loader import render_to_string

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def tokens() -> dict[str, str]:
    """The colours of :root, by name."""
    root = (STATIC / "css" / "tokens.css").read_text().split("}")[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", root))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON = [
    *[(text, ground) for text in ("ink", "ink-2", "ink-3") for ground in ("paper", "sheet", "wash")],
    *[
        (text, ground)
        for text in ("jade", "done", "ok", "slow", "late", "none")
        for ground in ("paper", "sheet")
    ],
    *[(light, f"{light}-wash") for light in ("done", "ok", "slow", "late", "none")],
    ("jade", "jade-wash"),
    ("ink-3", "jade-wash"),
    ("ink-3", "slow-tint"),
    ("ink-3", "late-tint"),
    ("slow", "slow-tint"),
    ("late", "late-tint"),
    ("ink", "slow-wash"),
    ("on-deep", "jade"),
    ("on-deep", "jade-deep"),
    ("on-deep-2", "jade-deep"),
    ("on-deep-mark", "jade-deep"),
    ("on-deep", "late"),
    ("on-deep-2", "ink"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_is_readable_on_its_ground(text, ground):
    assert contrast(tokens()[text], tokens()[ground]) >= 4.5


@pytest.mark.parametrize("shape", ["edge", "slow-fill", "jade-mid", "chart-plan", "chart-flash"])
def test_shapes_and_outlines_stand_out(shape):
    assert contrast(tokens()[shape], tokens()["paper"]) >= 3


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_colours_are_named_in_one_place(sheet):
    if sheet.name == "tokens.css":
        return
    allowed = {
        "parts.css": ["rgba(27, 35, 38, .38)"],  # a backdrop inherits no properties before Chromium 122
        "print.css": ["#85590a", "#85590a"],  # page boxes know no properties
    }
    code = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)", code) == allowed.get(sheet.name, [])


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_every_name_used_is_defined(sheet):
    everything = "".join(p.read_text() for p in SHEETS)
    defined = set(re.findall(r"(--[a-z0-9-]+):", everything))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text()))
    assert used - defined == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_style_sheets_stay_with_chromium_90(sheet):
    code = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    newer = (
        r":has\(|@container|@layer|@scope|color-mix|oklch|subgrid|accent-color|\d(dvh|svh|cqw)\b|@import|http"
    )
    assert re.findall(newer, code) == []
    assert re.findall(r"\{[^{}]*\{[^{}]*\{[^{}]*\{", code) == []  # nesting


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_stay_with_chromium_90_and_this_host(script):
    code = re.sub(r"/\*.*?\*/", "", script.read_text(), flags=re.S)
    newer = r"\.at\(|structuredClone|Object\.hasOwn|\.findLast|replaceAll|\?\?=|\|\|=|&&=|\.toSorted|https?://|\.innerHTML"
    assert re.findall(newer, code) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_templates_have_nothing_inline(template):
    source = template.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|https?://(?!www\.w3\.org)", source) == []
    scripts = re.findall(r"<script[^>]*>", source)
    assert [s for s in scripts if " src=" not in s and 'type="application/json"' not in s] == []


def test_hashed_names_can_be_made_of_every_file(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    storage = ManifestStaticFilesStorage(location=str(tmp_path), base_url="/static/")
    source = FileSystemStorage(location=str(STATIC))
    paths = {
        str(p.relative_to(STATIC)): (source, str(p.relative_to(STATIC)))
        for p in STATIC.rglob("*")
        if p.is_file()
    }
    for name in paths:
        with source.open(name) as file:
            storage._save(name, file)
    failed = [name for name, _, result in storage.post_process(paths) if isinstance(result, Exception)]
    assert failed == []
    for name in re.findall(r"{% static '([^']+)' %}", "".join(t.read_text() for t in TEMPLATES)):
        assert storage.stored_name(name) in storage.hashed_files.values()


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html", "no_role.html"]
)
def test_error_pages_need_no_context(name):
    page = render_to_string(name)
    assert '<html lang="zh-CN">' in page
    assert "演示数据" not in page


@pytest.mark.parametrize("name", ["404.html", "500.html", "registration/locked.html", "components.html"])
def test_demo_data_is_marked_wherever_it_may_be_seen(name):
    page = render_to_string(name, {"shell": {"is_demo": True}})
    assert '<body class="is-demo' in page
    assert '<div class="demo" role="note">' in page
    assert "（演示数据）" in page.split("</title>")[0]
