"""Sphinx's configuration: ``make docs`` builds the pages of this folder to build/site, without a network.

Pages are MyST Markdown. The pages of single names come from docstrings (``api/generated``), those of the gallery from
``examples/plot_*.py`` (``gallery``); both are made at every build and not kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS

import mixrules.errors

sys.path.insert(0, str(Path(__file__).parent))

project = "mixrules"
author = "the mixrules authors"
project_copyright = f"{author}, MIT licence"
version = release = mixrules.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "readable_reference",
    "repository_links",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_templates"]
templates_path = ["_templates"]
default_role = "py:obj"
highlight_language = "none"
smartquotes = False  # what is quoted is often typed

# Markdown.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Docstrings.
autosummary_generate = True
autosummary_filename_map = {"mixrules.analysis.Masking": "mixrules.analysis.Masking_"}  # beside `masking`
autodoc_mock_imports = ["torch", "onnx"]  # of the extra `deep`: gigabytes that the site can do without
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # but our own; types of Python and numpy would need their sites
numpydoc_xref_aliases = {
    **{name: name for name in DEFAULT_LINKS},
    **{name: f"mixrules.errors.{name}" for name in mixrules.errors.__all__},
    **{name: f"mixrules.{name}" for name in mixrules.__all__ if isinstance(getattr(mixrules, name), type)},
}

# The gallery.
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"(^|/)(?!plot_)[^/]*\.py$",
    "within_subsection_order": "gallery_order.GalleryOrder",
    "reset_modules": ("matplotlib",),
    "abort_on_example_error": True,
    "backreferences_dir": "api/backreferences",
    "doc_module": ("mixrules",),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
}

# Pages.
html_theme = "pydata_sphinx_theme"
html_title = "mixrules"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/mark.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"image_light": "_static/mark.svg", "image_dark": "_static/mark.svg", "text": "mixrules"},
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "article_header_start": ["breadcrumbs"],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars: dict[str, list[str]] = {"index": []}
copybutton_prompt_text = r">>> |\.\.\. |\$ |> "
copybutton_prompt_is_regexp = True
