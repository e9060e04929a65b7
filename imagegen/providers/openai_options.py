"""What is asked of OpenAI's models beside prompt and size, since the vendor's own defaults decide about money."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PARTIAL_IMAGES = 1
"""Early states that are streamed before each picture."""

QUALITIES: Mapping[str, str] = MappingProxyType(
    {
        "gpt-image-2": "medium",  # $0.053 and its early state; high is $0.211
        "gpt-image-2.5-sunburst": "high",  # $0.053; no other quality of 2.5 has a known price
        "gpt-image-2.5-flare": "high",
        "gpt-image-2.6-sunburst": "high",  # as its forerunner, which is priced per token alike
        "gpt-image-2.6-flare": "high",
        "gpt-image-1.5": "medium",  # $0.034; high is $0.133
        "gpt-image-1-mini": "medium",
    }
)
"""What is asked for as `quality`, by the id that is sent: the vendor's own default chooses, and may choose the
dearest. Each is the best whose known price is near five cents a picture."""
