"""Tell those who watch a shot what happened. Joins the transaction of what happened, which holds the shot's row."""

from datetime import datetime

from generation.models import ShotEvent
from registry.core.jcs import Json


def tell(shot: str, event: str, at: datetime, **data: Json) -> None:
    ShotEvent.objects.create(shot=shot, event=event, at=at, data=data)
