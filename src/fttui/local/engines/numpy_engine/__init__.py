"""A Llama in plain numpy: GGUF weights, LoRA training with hand-written gradients, streaming answers."""

from fttui.local.engines.numpy_engine.engine import NumpyEngine, load_engine

__all__ = ["NumpyEngine", "load_engine"]
