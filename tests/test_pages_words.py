"""What the pages say: every word that a template, a script or a kind of statement needs is there, in both languages."""

import re

from registry.kinds.kind import wordless
from web.pages.views import FOLDER
from web.pages.words import WORDS
from web.statements import KINDS


def test_every_statement_that_people_sign_is_called_something() -> None:
    signed = {kind.type for kind in KINDS.values() if kind.describe is not wordless}
    assert {f"type:{type_}" for type_ in signed} == {word for word in WORDS if word.startswith("type:")}


def test_every_word_is_said_in_both_languages_and_neither_is_the_other() -> None:
    same = {word for word, said in WORDS.items() if said["en"] == said["fr"]}
    assert same == {"navigation", "type:licence.granted"}
    assert all(text.strip() == text != "" for said in WORDS.values() for text in said.values())


def test_both_languages_have_the_same_blanks_to_fill() -> None:
    def blanks(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert {word for word, said in WORDS.items() if blanks(said["en"]) != blanks(said["fr"])} == set()


def test_templates_and_scripts_ask_for_no_word_that_is_missing_and_none_is_idle() -> None:
    files = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("static/*.js")]
    text = "".join(path.read_text() for path in files)
    asked = set(re.findall(r"\b(?:w|words)\.(\w+)", text))
    assert asked - set(WORDS) == set()
    quoted = asked | set(re.findall(r'"(\w+)"', text))
    idle = {word for word in WORDS if not word.startswith(("type:", "problem_"))} - quoted
    assert idle == set()
