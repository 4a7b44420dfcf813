"""What a person is told to do in answer to a challenge."""

from datetime import datetime
from typing import Final

from registry.texts.layout import Pair, moment, spaced

_DO: Final[dict[str, Pair]] = {
    "spoken": (
        "Film yourself, or record your voice, while you say this aloud, word by word and digit by digit:",
        "Filmez-vous, ou enregistrez votre voix, en disant ceci à voix haute, mot par mot et chiffre par chiffre :",
    ),
    "written": (
        "Write this, by hand and photographed or in a text of your own, word by word and digit by digit:",
        "Écrivez ceci, à la main et photographié ou dans un texte à vous, mot par mot et chiffre par chiffre :",
    ),
}


def instruction(kind: str, passcode: str, expires_at: datetime) -> dict[str, str]:
    """Return what to do, in English and in French; the passcode is the same in both."""
    do = _DO[kind]
    english = (
        f"{do[0]}\n\n{passcode}\n\nThe passcode was made for you just now and ends on {moment(expires_at, 'en')}. Your "
        "answer is kept encrypted. Whoever is to vouch for you sees it, and nobody else; it is destroyed when your "
        "data are erased."
    )
    french = (
        f"{do[1]}\n\n{passcode}\n\nCe code vient d’être créé pour vous et expire le {moment(expires_at, 'fr')}. Votre "
        "réponse est conservée chiffrée. Seule la personne qui doit se porter garante de vous la voit ; elle est "
        "détruite quand vos données sont effacées."
    )
    return {"en": english, "fr": spaced(french)}
