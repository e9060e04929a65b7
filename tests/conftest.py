"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Property tests show what is true, not how fast: slow examples on a busy machine are no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
