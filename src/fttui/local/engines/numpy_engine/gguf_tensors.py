"""The tensors of a GGUF file as float32."""

from __future__ import annotations

import math

import numpy as np

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.gguf_file import TensorInfo
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray


def read_tensor(info: TensorInfo, shape: LlamaShape) -> FloatArray:
    """A tensor in its own shape, queries and keys in Hugging Face's order.

    Raises:
        FttuiError: It is of a kind that cannot be dequantised, or cut off, or the file cannot be read.
    """
    values = _dequantise(info)
    if ".attn_q." in info.name:
        return split_halves(values, shape.heads)
    if ".attn_k." in info.name:
        return split_halves(values, shape.kv_heads)
    return values


def split_halves(rows: FloatArray, heads: int) -> FloatArray:
    """Reorder the rows (heads·E, D) of a query or key matrix, or its bias (heads·E,), from GGUF's order.

    The rotary embedding turns pairs of numbers. In GGUF's Llama a pair are neighbours, in Hugging Face's (and in PEFT
    adapters) they are half a head apart, which is also the faster one here.
    """
    pairs = rows.shape[0] // heads // 2
    reordered: FloatArray = rows.reshape(heads, pairs, 2, -1).swapaxes(1, 2).reshape(rows.shape)
    return reordered


def _dequantise(info: TensorInfo) -> FloatArray:
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize, quant_shape_to_byte_shape

    try:
        kind = GGMLQuantizationType(info.kind)
        shape = quant_shape_to_byte_shape(info.shape, kind)
        size = math.prod(shape)
        if info.offset + size > info.file.stat().st_size:  # before room is made for what a broken file may claim
            raise FttuiError(f"{info.file} is cut off in {info.name}.", hint="Get the file again.")
        data = np.fromfile(info.file, dtype=np.uint8, count=size, offset=info.offset)
        values: FloatArray = dequantize(data.reshape(shape), kind)
    except OSError as error:
        raise FttuiError(f"The weights file {info.file} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, OverflowError, NotImplementedError) as error:
        raise FttuiError(f"{info.file}: {info.name} is of a kind that cannot be read: {error}.") from error
    return np.ascontiguousarray(values, dtype=np.float32).reshape(info.shape)
