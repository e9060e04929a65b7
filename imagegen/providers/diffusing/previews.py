"""An early state of a picture: its latents, made small, through the model's own decoder."""

from __future__ import annotations

from io import BytesIO

import torch
from diffusers import DiffusionPipeline
from PIL import Image

_LATENT_EDGE = 32
"""Latents are shrunk to this many on the longer edge, 256 pixels: a sixteenth of decoding a picture at 1K."""


def preview_of(pipeline: DiffusionPipeline, latents: torch.Tensor) -> bytes:
    """A small JPEG; empty where a model keeps its latents in another form than a grid that its decoder takes.

    Whatever goes wrong here costs the preview alone.
    """
    decoder = getattr(pipeline, "vae", None)
    channels = getattr(getattr(decoder, "config", None), "latent_channels", None)
    if latents.ndim != 4 or latents.shape[1] != channels:
        return b""
    try:
        pixels = _decoded(decoder, latents)
    except (RuntimeError, ValueError, TypeError, AttributeError, IndexError):
        return b""
    if pixels.ndim != 3 or pixels.shape[0] != 3 or not torch.isfinite(pixels).all():
        return b""
    shown = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    buffer = BytesIO()
    Image.fromarray(shown).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _decoded(decoder: torch.nn.Module, latents: torch.Tensor) -> torch.Tensor:
    """Colours × rows × columns, from -1 to 1."""
    scale = min(1.0, _LATENT_EDGE / max(latents.shape[2:]))
    size = [max(1, round(edge * scale)) for edge in latents.shape[2:]]
    small = torch.nn.functional.interpolate(latents[:1].float(), size=size, mode="area").to(decoder.dtype)
    plain = small / decoder.config.scaling_factor + (getattr(decoder.config, "shift_factor", None) or 0.0)
    with torch.no_grad():
        return decoder.decode(plain, return_dict=False)[0][0].float()
