"""The weights in a GGUF file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fttui.local.engines.numpy_engine.float32_cache import mapped
from fttui.local.engines.numpy_engine.gguf_file import GgufFile
from fttui.local.engines.numpy_engine.gguf_tensors import read_tensor
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import LlamaWeights, assemble
from fttui.local.engines.numpy_engine.tensor_layout import Place, places_of


def load_weights(file: GgufFile, shape: LlamaShape, model: str) -> LlamaWeights:
    """Map the float32 weights, making their file first when it is not there, which takes some seconds.

    Args:
        model: Its name, for the file's.

    Raises:
        FttuiError: Tensors are missing or of a kind that cannot be dequantised, or there is no room on the disk.
        OSError: The GGUF file cannot be read.
    """
    places = gguf_places(file, shape)
    count = max(place.end for place in places.values())
    return assemble(shape, places, mapped(model, file.sha256(), count, _float32_bytes(file, shape, places)))


def gguf_places(file: GgufFile, shape: LlamaShape) -> dict[str, Place]:
    """Where the file's tensors go.

    Raises:
        FttuiError: A tensor is missing or has another shape than the model's sizes ask for.
    """
    tensors = file.tensors
    return places_of(shape, lambda name: tensors[name].shape if name in tensors else None, file.path)


def _float32_bytes(file: GgufFile, shape: LlamaShape, places: Mapping[str, Place]) -> Iterator[bytes]:
    for name in places:
        yield read_tensor(file.tensors[name], shape).tobytes()
