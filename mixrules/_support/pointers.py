"""What kernels reach memory by: bare pointers into arrays, small arrays on the stack; larger, smaller, bits of floats.

numba turns each index into an array of its own kind into some twenty instructions, each slice into a hundred, and each
call of `max` into a function: all that is compiled, and then optimised away. These are one instruction each, so that
kernels compile three times as fast, to the same machine code.

No index is checked, and none may be negative: a kernel's caller makes sure that its arrays are as long as they must be.
The functions of this file work on arrays: under ``NUMBA_DISABLE_JIT`` the interpreter runs a kernel's source with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic

_CACHE_LINE_BYTES = 64


def _elements(array: Any, start: int) -> Any:
    """Return a pointer to the elements of `array`, in C order, from index `start` on; `array` may be a pointer.

    Booleans are bytes.
    """
    return array.reshape(-1)[start:]


def _viewed(pointer: Any, dtype: Any) -> Any:
    """Return `pointer` as one to numbers of type `dtype`, such as the bits of a float."""
    return pointer.view(dtype)


def _local(size: int, dtype: Any) -> Any:
    """Return a pointer to `size` numbers of type `dtype` on the stack, not initialised; `size` is a constant.

    The compiler knows that nothing else points to them. No more than 32 kB in one kernel.
    """
    return np.empty(size, dtype)


def _copy(target: Any, source: Any, count: int) -> None:
    """Copy `count` elements from one pointer to another; they may overlap."""
    target[:count] = source[:count].copy()


def _float_bits(number: Any) -> Any:
    """Return the bits of a float32 as a uint32."""
    return np.float32(number).view(np.uint32)


def _float_of_bits(bits: Any) -> Any:
    """Return the float32 of 32 bits, the lowest of an integer."""
    return np.uint32(bits).view(np.float32)


def _compile_elements(context: Any, array: Any, start: Any) -> Any:
    is_pointer = isinstance(array, types.CPointer)
    if not is_pointer and (not isinstance(array, types.Array) or array.layout != "C"):
        return None
    of_booleans = not is_pointer and array.dtype == types.boolean
    result = array if is_pointer else types.CPointer(types.uint8 if of_booleans else array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = arguments[0]
        if not is_pointer:
            base = context.make_array(signature.args[0])(context, builder, base).data
        if of_booleans:
            base = builder.bitcast(base, context.get_value_type(signature.return_type))
        return builder.gep(base, [arguments[1]], inbounds=True)

    return result(array, types.intp), generate


def _compile_viewed(context: Any, pointer: Any, dtype: Any) -> Any:
    if not (isinstance(pointer, types.CPointer) and isinstance(dtype, types.DTypeSpec)):
        return None
    result = types.CPointer(dtype.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return result(pointer, dtype), generate


def _compile_local(context: Any, size: Any, dtype: Any) -> Any:
    if not (isinstance(size, types.IntegerLiteral) and isinstance(dtype, types.DTypeSpec)):
        return None
    element = dtype.dtype

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        count = ir.Constant(ir.IntType(64), size.literal_value)
        memory = cgutils.alloca_once(builder, context.get_value_type(element), size=count)
        memory.align = _CACHE_LINE_BYTES
        return memory

    return types.CPointer(element)(size, dtype), generate


def _compile_copy(context: Any, target: Any, source: Any, count: Any) -> Any:
    if not (isinstance(target, types.CPointer) and target == source):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        size = context.get_abi_sizeof(context.get_value_type(target.dtype))
        to, origin, number = arguments
        cgutils.raw_memmove(builder, to, origin, number, size)
        return context.get_dummy_value()

    return types.none(target, source, types.intp), generate


def _compile_float_bits(context: Any, number: Any) -> Any:
    if number != types.float32:
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), generate


def _compile_float_of_bits(context: Any, bits: Any) -> Any:
    if not isinstance(bits, types.Integer):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


def _compile_choice(comparison: str) -> Any:
    """Return an intrinsic of two numbers of one type: the second where it is `comparison` than the first.

    Of two integers the second is converted to the type of the first: numba makes 64 bits of any sum of integers.
    """

    def choose(context: Any, a: Any, b: Any) -> Any:
        integers = isinstance(a, types.Integer) and isinstance(b, types.Integer)
        if integers and not (a.signed and b.signed):
            return None
        if a != b and not integers:
            return None

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            first, second = arguments
            compare = builder.fcmp_ordered if isinstance(a, types.Float) else builder.icmp_signed
            return builder.select(compare(comparison, second, first), second, first)

        return a(a, a), generate

    return choose


def for_kernels(plain: Any, compile_call: Any, *, literal: bool = False) -> Any:
    """Return what kernels call: the intrinsic of `compile_call`, or `plain` where the interpreter runs them."""
    interpreted: bool = vars(config)["DISABLE_JIT"]
    return plain if interpreted else intrinsic(prefer_literal=literal)(compile_call)


elements = for_kernels(_elements, _compile_elements)
viewed = for_kernels(_viewed, _compile_viewed)
local = for_kernels(_local, _compile_local, literal=True)
copy = for_kernels(_copy, _compile_copy)
float_bits = for_kernels(_float_bits, _compile_float_bits)
float_of_bits = for_kernels(_float_of_bits, _compile_float_of_bits)
larger = for_kernels(max, _compile_choice(">"))
smaller = for_kernels(min, _compile_choice("<"))
