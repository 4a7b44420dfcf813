"""What the schema tells of shots and weights. The forms describe; ``generation.core.shot`` reads and refuses."""

from typing import Any, Final

from rest_framework import serializers

from generation.core.states import STATES

_ID: Final = {"type": "string", "format": "uuid"}
_NAMES: Final = {"type": "array", "items": {"type": "string"}}
_NUMBER: Final = {"type": "number"}

USE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["purposes", "media", "territories", "languages", "window"],
    "properties": {
        "purposes": _NAMES,
        "media": _NAMES,
        "territories": {**_NAMES, "description": "ISO 3166-1 alpha-2, or groups, which are expanded"},
        "languages": _NAMES,
        "window": {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 2, "maxItems": 2},
        "scene": _NAMES,
        "scenes": _NAMES,
        "description": {"type": "string"},
        "product_categories": _NAMES,
        "by_performer": {"type": "object", "additionalProperties": {"type": "object"}},
    },
}

SHOT_REQUEST: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["for", "project", "shot_code", "engine", "format", "use"],
    "properties": {
        "for": _ID,
        "project": _ID,
        "shot_code": {"type": "string"},
        "take": {"type": "integer", "minimum": 1},
        "prompt": {"type": "string"},
        "negative_prompt": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "engine": {"type": "string", "examples": ["starter"]},
        "format": {
            "type": "object",
            "required": ["width", "height", "fps", "frames"],
            "properties": {
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "fps": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
                "frames": {"type": "integer"},
            },
        },
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["asset", "role"],
                "properties": {
                    "asset": _ID,
                    "role": {"type": "string"},
                    "performer": _ID,
                    "at": {"type": "integer", "description": "the frame of a keyframe"},
                    "source": {
                        "type": "object",
                        "properties": {"in": {"type": "integer"}, "out": {"type": "integer"}},
                    },
                    "depicted_age": {"type": "integer"},
                },
            },
        },
        "controls": {
            "type": "object",
            "properties": {
                "camera": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["t", "x", "y"],
                        "properties": {"t": _NUMBER, "x": _NUMBER, "y": _NUMBER, "zoom": _NUMBER},
                    },
                },
                "trajectories": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["points"],
                        "properties": {
                            "performer": _ID,
                            "reference": {"type": "integer", "description": "place in `references`"},
                            "points": {"type": "array", "items": {"type": "object"}},
                        },
                    },
                },
                "guidance": _NUMBER,
                "steps": {"type": "integer"},
            },
        },
        "use": USE,
    },
}


class Form(serializers.Serializer):
    """A serializer that never serializes."""


class ShotForm(Form):
    """One take of a shot."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    shot_code = serializers.CharField()
    take = serializers.IntegerField()
    state = serializers.ChoiceField(choices=sorted(STATES))
    engine = serializers.CharField()
    weights = serializers.CharField()
    use = serializers.JSONField()
    performers = serializers.ListField(child=serializers.UUIDField())
    clearance = serializers.CharField(allow_null=True, help_text="digest of its clearance.issued")
    release = serializers.CharField(allow_null=True, help_text="digest of its shot.released")
    output_sha256 = serializers.CharField(allow_null=True)
    window = serializers.ChoiceField(choices=["in_window", "out_of_window"], allow_null=True)
    must_pull = serializers.BooleanField(help_text="a right was withdrawn, and its tail says that the shot must go")
    withdrawn = serializers.ListField(child=serializers.JSONField(), help_text="grounds withdrawn since the release")
    outcome = serializers.JSONField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    requested_by = serializers.JSONField(help_text="for the producer, as what follows")
    spec = serializers.JSONField(help_text="the request, with groups expanded")
    unknown_words = serializers.ListField(child=serializers.CharField())
    progress = serializers.JSONField()
    decision = serializers.JSONField()
    checks = serializers.JSONField()
    findings = serializers.JSONField()
    review = serializers.JSONField()


class ReviewForm(Form):
    verdict = serializers.ChoiceField(choices=["pass", "reject"])
    note = serializers.CharField(required=False, allow_null=True)


class UseForm(Form):
    """Another use of a released shot."""

    id = serializers.UUIDField()
    shot = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["cleared", "pending", "refused"])
    use = serializers.JSONField(help_text="with groups expanded, and what the shot shows")
    statement = serializers.CharField(allow_null=True, help_text="digest of its use.cleared")
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    requested_by = serializers.JSONField(help_text="for the producer, as what follows")
    decision = serializers.JSONField()


class WeightsForm(Form):
    """Weights that the log knows."""

    weights = serializers.CharField(help_text="SHA-256 of the file")
    engine = serializers.CharField()
    root = serializers.CharField(help_text="Merkle root of the training manifest")
    manifest_sha256 = serializers.CharField()
    run = serializers.ChoiceField(choices=["here", "shipped"])
    training = serializers.ChoiceField(choices=["proven", "attested", "unknown"])
    clearance = serializers.CharField()
    statement = serializers.CharField()
    at = serializers.DateTimeField()


class PresenceForm(Form):
    """Proof that a file is in the training manifest, or the neighbours between which it is not."""

    contains = serializers.BooleanField()
    root = serializers.CharField()
    size = serializers.IntegerField()
    shown = serializers.ListField(child=serializers.JSONField())
