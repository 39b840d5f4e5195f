"""numba's compiler with the passes that a kernel needs, and a memory of what a function's argument types lead to.

The standard compiler also looks for closures, inlining, object mode and parallel loops, which kernels have none of, and
searches all of numba's and NumPy's functions again at every ``+``. Without both
kernels compile in two thirds of the time.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering, NoPythonBackend, NopythonTypeInference, PreLowerStripPhis
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode

from mixrules._support.compilation import announce

# The signature of each function called with each list of types: the same in every kernel of a process.
_signatures: dict[Any, Any] = {}


@register_pass(mutates_CFG=True, analysis_only=False)
class _TypeInference(NopythonTypeInference):
    """Type inference that looks up a function and its types once."""

    _name = "kernel_type_inference"

    def run_pass(self, state: Any) -> bool:
        context = state.typingctx
        outer = vars(context).get("resolve_function_type")  # of a kernel that calls this one
        search = context.resolve_function_type

        def resolve(function: Any, arguments: Any, keywords: Any) -> Any:
            key = (function, tuple(arguments), tuple(dict(keywords).items()))
            if key not in _signatures:
                found = search(function, arguments, keywords)
                if found is None:
                    return None
                _signatures[key] = found
            return _signatures[key]

        context.resolve_function_type = resolve  # numba's lock admits one compilation at a time
        try:
            return bool(super().run_pass(state))
        finally:
            if outer is None:
                del context.resolve_function_type
            else:
                context.resolve_function_type = outer


class KernelCompiler(CompilerBase):
    """The compiler as `numba.njit` takes it, ``pipeline_class=KernelCompiler``: not used for what the cache holds."""

    def compile_extra(self, func: Any) -> Any:
        """Compile, and say so before."""
        announce(func.__name__)
        return super().compile_extra(func)

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        passes: Any = PassManager("kernel")
        for each in (
            *(TranslateByteCode, FixupArgs, IRProcessing, ReconstructSSA),
            *(_TypeInference, PreLowerStripPhis, NativeLowering, NoPythonBackend),
        ):
            passes.add_pass(each, each.__name__)
        passes.finalize()
        return [passes]
