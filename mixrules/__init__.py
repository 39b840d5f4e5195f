"""mixrules: rules decide, a plan records, the engine renders.

Rule-based music mixing that can be read: levels by K-weighted loudness, room by masking EQ,
compression to a loudness range, reverb tied to the tempo, and a reason for each.
Audio is float32 of shape (samples, channels); units are in the names.
"""

import lazy_loader as lazy

# The public names stand in __init__.pyi; each is imported where it is first used, so that `import mixrules` is instant.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
