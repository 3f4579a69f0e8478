"""For whom the app checks a file: where the profile trains."""

from __future__ import annotations

import pytest

from fttui.checks.targets import targets
from fttui.providers.profiles import Profile
from fttui.ui.checking import target_for


@pytest.mark.parametrize(
    ("profile", "target"),
    [
        (Profile("local", is_local=True), "local"),
        (Profile("openai", is_local=False, base_url="https://api.openai.com/v1"), "openai"),
        (Profile("mistral", is_local=False, base_url="https://gateway.example/v1"), "mistral"),
        (Profile("work", is_local=False, base_url="https://team.openai.azure.com/openai/v1"), "azure"),
        (Profile("work", is_local=False, base_url="https://api.together.xyz/v1"), "together"),
        (Profile("work", is_local=False, base_url="https://gateway.example/v1"), "openai"),
        (Profile("work", is_local=False, base_url="http://[broken"), "openai"),
        (Profile("work", is_local=False), "openai"),
    ],
)
def test_the_profile_says_for_whom(profile: Profile, target: str) -> None:
    assert target_for(profile) == target
    assert target in targets()
