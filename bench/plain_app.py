"""The thing to beat: what a tutorial for Gradio and google-genai comes to, in forty lines."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import gradio as gr
from google import genai
from google.genai import types
from PIL import Image

OUTPUTS = Path(os.environ.get("OUTPUT_DIR", "outputs")).resolve()
OUTPUTS.mkdir(parents=True, exist_ok=True)
client = genai.Client()
pool = ThreadPoolExecutor(max_workers=8)


def draw(prompt: str, size: str) -> None:
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"], image_config=types.ImageConfig(image_size=size)
    )
    answer = client.models.generate_content(model="gemini-3-pro-image", contents=prompt, config=config)
    for part in answer.parts or []:
        if part.inline_data and part.inline_data.data and not part.thought:
            Image.open(BytesIO(part.inline_data.data)).save(OUTPUTS / f"{time.time_ns()}.png")


def generate(prompt: str, size: str, count: float) -> str:
    for _ in range(int(count)):
        pool.submit(draw, prompt, size)
    return f"{int(count)} pictures are on their way"


def pictures() -> list[str]:
    return [str(path) for path in sorted(OUTPUTS.glob("*.png"), reverse=True)[:50]]


with gr.Blocks(title="Plain studio") as demo:
    prompt = gr.Textbox(label="Prompt")
    size = gr.Dropdown(["1K", "2K", "4K"], value="1K", label="Size")
    count = gr.Slider(1, 100, value=1, step=1, label="Count")
    status = gr.Textbox(label="Status", interactive=False)
    gallery = gr.Gallery(label="Pictures")
    gr.Button("Generate").click(generate, [prompt, size, count], status, api_name="generate")
    gr.Timer(1).tick(pictures, None, gallery, api_name="pictures")

if __name__ == "__main__":
    demo.launch(allowed_paths=[str(OUTPUTS)])
