"""Pointers of a kernel into one array, of which the compiler knows that they are never used for the same elements.

Without that it checks, whenever it enters a loop that writes through one and reads through another, that the loop may be
vectorised. Where the loop is as short as a butterfly's, the check takes longer than the loop.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import lower_builtin, models, register_model

from mixrules._support.pointers import for_kernels

_COUNT = 4


class _Pointer(types.CPointer):
    """A pointer whose type knows its number, which is kept where `CPointer` has an address space."""


def _apart(pointer: Any, number: int) -> Any:
    """Return `pointer` as one of four, numbered from 0, that are apart until each of them is made anew."""
    return pointer


def _compile_apart(context: Any, pointer: Any, number: Any) -> Any:
    if not (isinstance(pointer, types.CPointer) and isinstance(number, types.IntegerLiteral)):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        name, of_scopes = "llvm.experimental.noalias.scope.decl", [ir.MetaDataType()]
        begin = builder.module.declare_intrinsic(name, (), ir.FunctionType(ir.VoidType(), of_scopes))
        builder.call(begin, [_scopes(builder, number.literal_value)[0]])
        return arguments[0]

    result: Any = _Pointer(pointer.dtype, number.literal_value)
    return result(pointer, number), generate


def _compile_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    pointer, index = arguments
    return _marked(builder, builder.load(builder.gep(pointer, [index])), signature.args[0])


def _compile_store(context: Any, builder: Any, signature: Any, arguments: Any) -> None:
    pointer, index, value = arguments
    _marked(builder, builder.store(value, builder.gep(pointer, [index])), signature.args[0])


def _marked(builder: Any, access: Any, pointer: Any) -> Any:
    """Return an access through `pointer`, marked for LLVM as in that pointer's scope and no other's."""
    own, others = _scopes(builder, pointer.addrspace)
    access.set_metadata("alias.scope", own)
    access.set_metadata("noalias", others)
    return access


def _scopes(builder: Any, number: int) -> tuple[Any, Any]:
    """Return the list of the alias scope of the pointer with that number, and of those of the others."""
    add, function = builder.module.add_metadata, builder.function.name
    scopes = [add([f"{function} {k}", add([function])]) for k in range(_COUNT)]
    return add([scopes.pop(number)]), add(scopes)


register_model(_Pointer)(models.PointerModel)
lower_builtin(operator.getitem, _Pointer, types.Integer)(_compile_load)
lower_builtin(operator.setitem, _Pointer, types.Integer, types.Any)(_compile_store)
apart = for_kernels(_apart, _compile_apart, literal=True)
