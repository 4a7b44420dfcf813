"""Every kind of statement goes in through the one door, and what it says can be read back."""

import pytest

from registry.models import Licence, Party
from tests.world import PEOPLE, World

pytestmark = pytest.mark.django_db


def test_a_scene_is_built_through_the_real_services(world: World) -> None:
    ada = world.party("Ada Marsh")
    studio = world.party("Northlight", kind="organisation")
    other = world.party("Westwind", kind="organisation")
    project = world.project(studio)
    world.project(studio, parent=project)
    plate = world.asset(studio, inventory=PEOPLE)
    world.appearance(plate, ada, by=studio)
    world.title(studio, plate)
    digest = world.licence(studio, other, plate)
    assert Licence.objects.get(digest=digest).licensee == other.id
    assert Party.objects.filter(kind="person").count() == 2
