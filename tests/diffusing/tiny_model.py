"""`python tiny_model.py KIND FOLDER`: writes a Stable Diffusion pipeline with random weights, half a megabyte.

`plain` has no safety checker; `words` starts from words only, with a network of another family; `prudent` finds
every picture unsafe.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
)

WIDTH = 8


def main(kind: str, folder: Path) -> None:
    """Make it, the same every time."""
    torch.manual_seed(1)
    parts: dict[str, Any] = {
        "vae": AutoencoderKL(
            block_out_channels=(4, 4, 4, WIDTH),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4,
            norm_num_groups=2,
            mid_block_add_attention=False,
        ),
        "unet": UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(4, WIDTH),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=2,
            norm_num_groups=2,
        ),
        "scheduler": DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1),
        "text_encoder": CLIPTextModel(text_config()),
        "tokenizer": tokenizer(folder.with_suffix(".words")),
        "safety_checker": None,
        "feature_extractor": None,
    }
    if kind == "prudent":
        parts |= {"safety_checker": prudent(), "feature_extractor": CLIPImageProcessorPil(size=32, crop_size=32)}
    pipeline = StableDiffusionPipeline(**parts, requires_safety_checker=kind == "prudent")
    pipeline.save_pretrained(folder, safe_serialization=True)


def text_config() -> CLIPTextConfig:
    """A text encoder for the few words."""
    return CLIPTextConfig(
        vocab_size=1000,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=WIDTH,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def tokenizer(folder: Path) -> CLIPTokenizer:
    """Letters, each alone and at the end of a word."""
    folder.mkdir(parents=True)
    letters = [chr(code) for code in range(33, 127)]
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({token: place for place, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def prudent() -> StableDiffusionSafetyChecker:
    """A safety checker to which everything looks like what it must not show."""
    vision = {
        **{"hidden_size": WIDTH, "intermediate_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2},
        **{"image_size": 32, "patch_size": 8, "projection_dim": WIDTH},
    }
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(text_config=text_config().to_dict(), vision_config=vision, projection_dim=WIDTH)
    )
    torch.nn.init.constant_(checker.concept_embeds_weights, -2.0)  # a cosine is never below -1
    return checker


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
