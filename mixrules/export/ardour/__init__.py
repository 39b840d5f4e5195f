"""Ardour's sessions: XML in a folder, with free LV2 plug-ins."""
