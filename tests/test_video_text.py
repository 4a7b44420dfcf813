"""Captions: what the engine understands, and that it says what it does not."""

from generation.video import text


def words_of(prompt: str) -> set[str]:
    return {text.VOCABULARY[i] for i in text.tokenize(prompt)[0]}


def test_a_prompt_is_read_into_the_closed_vocabulary() -> None:
    assert words_of("A woman walks left along a city street at night") == {"walks", "leftwards", "city", "night"}


def test_synonyms_mean_the_same() -> None:
    assert text.tokenize("sunset over the woods")[0] == text.tokenize("dusk, forest")[0]


def test_a_side_after_a_camera_word_is_the_cameras() -> None:
    assert words_of("she walks right, the camera pans left") == {"walks", "rightwards", "pan left"}
    assert words_of("zooms in slowly") == {"zoom in"}


def test_unknown_words_are_reported_in_their_order_and_once() -> None:
    assert text.tokenize("a unicorn walks beside a Unicorn and a zeppelin")[1] == ("unicorn", "beside", "zeppelin")


def test_an_empty_prompt_has_no_words() -> None:
    assert text.tokenize("  …  ") == ((), ())


def test_every_synonym_leads_into_the_vocabulary() -> None:
    assert set(text.SYNONYMS.values()) <= set(text.VOCABULARY)
