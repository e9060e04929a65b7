"""The vendors' own clients and workers, run in an environment of their own, against emulators and adapters.

They cannot live beside the product: runpod wants another tomlkit than gradio, and runware-sdk brings aiohttp, with
which google-genai sends in another way than it does for users. `make oracles` makes the environment.
"""
