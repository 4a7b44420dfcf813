"""The sampler and the render entry: pure, exact where pictures are given, and stoppable within a step."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from generation.video.config import Config
from generation.video.network import Network
from generation.video.render import Rendered, RenderSpec, render
from generation.video.sampler import schedule
from library.draw_plates import draw_plate
from library.draw_sheets import draw_sheet

torch.set_num_threads(1)  # small tensors: threads would only wait for each other

CPU = torch.device("cpu")
CONFIG = Config.tiny()


def network() -> Network:
    """A network that does something: the real one at `tiny`, with its zero-started layers stirred."""
    torch.manual_seed(5)
    made = Network(CONFIG)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    return made.eval().requires_grad_(False)


NETWORK = network()
PLATE = torch.from_numpy(draw_plate(32_000, "day", "hills")).permute(2, 0, 1)
SHEET = torch.from_numpy(draw_sheet(32_000)).permute(2, 0, 1)
SPEC = RenderSpec(prompt="walks left at dusk", steps=3, backdrop=PLATE, reference=SHEET, width=64, height=40)


def rendered(spec: RenderSpec, seed: int = 1, on_step: Callable[[int, int], None] | None = None) -> Rendered:
    return render(NETWORK, spec, generator=torch.Generator().manual_seed(seed), device=CPU, on_step=on_step)


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    once, again, other = rendered(SPEC), rendered(SPEC), rendered(SPEC, seed=2)
    assert torch.equal(once.frames_TCHW, again.frames_TCHW)
    assert not torch.equal(once.frames_TCHW, other.frames_TCHW)
    assert once.frames_TCHW.dtype == torch.uint8
    assert tuple(once.frames_TCHW.shape) == (CONFIG.frames, 3, 40, 64)


def test_on_step_sees_every_step_and_can_abort_the_render() -> None:
    seen: list[tuple[int, int]] = []

    def watch(step: int, steps: int) -> None:
        seen.append((step, steps))
        if step == limit:
            raise InterruptedError

    limit = 9
    rendered(SPEC, on_step=watch)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    limit = 1
    seen.clear()
    with pytest.raises(InterruptedError):
        rendered(SPEC, on_step=watch)
    assert seen == [(0, 3), (1, 3)]


def test_a_key_frame_comes_out_as_it_came_in() -> None:
    generator = torch.Generator().manual_seed(4)
    first, last = (torch.randint(256, (3, 40, 64), generator=generator, dtype=torch.uint8) for _ in range(2))
    made = rendered(replace(SPEC, keyframes={0: first, CONFIG.frames - 1: last}))
    assert torch.equal(made.frames_TCHW[0], first)
    assert torch.equal(made.frames_TCHW[-1], last)
    assert not torch.equal(made.frames_TCHW[1], first)


def test_each_control_changes_the_shot() -> None:
    base = rendered(SPEC).frames_TCHW
    changes = {
        "prompt": "stands at night",
        "camera": torch.tensor([[0.0, 0, 0, 1.0], [1.0, 0.5, 0, 1.2]]),
        "trajectory": torch.tensor([[0.0, -0.5, 0.5], [1.0, 0.5, 0.6]]),
        "reference": torch.from_numpy(draw_sheet(32_001)).permute(2, 0, 1),
        "guidance": 3.0,
        "backdrop": None,
    }
    for name, value in changes.items():
        assert not torch.equal(rendered(replace(SPEC, **{name: value})).frames_TCHW, base), name


def test_a_negative_prompt_leads_away_under_guidance_only() -> None:
    guided = replace(SPEC, guidance=2.0)
    negative = {"negative_prompt": "night city"}
    assert not torch.equal(rendered(guided).frames_TCHW, rendered(replace(guided, **negative)).frames_TCHW)
    assert torch.equal(rendered(SPEC).frames_TCHW, rendered(replace(SPEC, **negative)).frames_TCHW)


def test_shares_are_of_the_whole_and_only_of_what_was_given() -> None:
    shares = rendered(SPEC).shares
    assert abs(sum(shares.values()) - 1) < 0.01
    assert shares["known"] == shares["pictures"] == 0
    bare = rendered(RenderSpec(prompt="a city", steps=2, width=64, height=40)).shares
    assert bare["invented"] == pytest.approx(1, abs=1e-3)


def test_unknown_words_come_back_with_the_frames() -> None:
    assert rendered(replace(SPEC, prompt="a zeppelin at dawn")).unknown_words == ("zeppelin",)


@pytest.mark.parametrize(
    "fault",
    [
        {"steps": 0},
        {"keyframes": {99: torch.zeros(3, 40, 64, dtype=torch.uint8)}},
        {"camera": torch.tensor([[0.0, 0, 0, 0.0]])},
        {"camera": torch.zeros(0, 4)},
        {"trajectory": torch.zeros(2, 2)},
        {"reference": torch.zeros(4, 20, 20, dtype=torch.uint8)},
    ],
    ids=["no steps", "key frame outside", "zoom of nothing", "empty path", "rows too short", "invisible reference"],
)
def test_a_spec_that_contradicts_itself_is_refused(fault: dict[str, object]) -> None:
    rendered(SPEC)  # the same without the fault renders
    with pytest.raises(ValueError, match=r"steps|key frame|camera|trajectory|transparent"):
        rendered(replace(SPEC, **fault))


def test_a_schedule_runs_from_noise_to_picture() -> None:
    times = schedule(8)
    assert times[0] == 0
    assert times[-1] == 1
    assert times == sorted(times)
