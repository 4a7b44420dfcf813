"""The stage's geometry: cameras, paths, boxes and the walk."""

import math

import pytest
import torch

from generation.video import stage

torch.set_num_threads(1)  # small tensors: threads would only wait for each other

GENERATOR = torch.Generator().manual_seed(3)


@pytest.mark.parametrize("parallax", stage.PARALLAX)
def test_what_the_camera_sees_of_the_world_is_seen_where_it_was(parallax: float) -> None:
    camera = torch.randn(2, 5, 3, generator=GENERATOR) * 0.4
    x, y = stage.screen_grid(8, 16)
    back = stage.screen_of_world(camera, parallax, *stage.world_of_screen(camera, parallax, x, y))
    assert torch.allclose(back[0], x.expand_as(back[0]), atol=1e-5)
    assert torch.allclose(back[1], y.expand_as(back[1]), atol=1e-5)


def test_a_camera_at_rest_sees_a_frame_of_square_pixels() -> None:
    x, y = stage.screen_grid(72, 128)
    assert float(x[0, 1] - x[0, 0]) == pytest.approx(float(y[1, 0] - y[0, 0]))
    assert float(x.max()) < 16 / 9 < float(x.max()) + 0.02


def test_a_path_passes_through_its_rows_and_holds_beyond_them() -> None:
    rows = torch.tensor([[0.2, 0.0, 1.0], [0.6, 2.0, 0.0], [1.0, 1.0, 1.0]])
    path = stage.track(rows, 11)
    assert torch.allclose(path[[2, 6, 10]], rows[:, 1:], atol=1e-5)
    assert torch.equal(path[0], rows[0, 1:])


def test_a_path_of_two_rows_is_straight_and_even() -> None:
    path = stage.track(torch.tensor([[1.0, 3.0], [0.0, 0.0]]), 4)
    assert torch.allclose(path[:, 0], torch.tensor([0.0, 1.0, 2.0, 3.0]))


def test_who_stands_rests_and_who_walks_goes_through_all_phases() -> None:
    assert not stage.gait_of(torch.zeros(16, 2), 1.0).any()
    feet = torch.stack([torch.linspace(0, stage.CYCLE, 17)[:16], torch.zeros(16)], 1)
    assert set(stage.gait_of(feet, 1.0).tolist()) == set(range(1, 9))


def test_a_walk_does_not_depend_on_its_direction() -> None:
    feet = torch.stack([torch.linspace(-1, 1, 16), torch.full((16,), 0.5)], 1)
    assert torch.equal(stage.gait_of(feet, 0.9), stage.gait_of(feet * torch.tensor([-1.0, 1.0]), 0.9))


def test_a_figure_grows_towards_the_camera() -> None:
    near, far = stage.figure_height(torch.tensor([0.7, 0.4]), 1.0).tolist()
    assert near > far
    assert math.isclose(float(stage.figure_height(torch.tensor(0.5), 1.3)), 1.3, rel_tol=1e-5)
