"""REAPER's projects: plain text, with the plug-ins that come with every REAPER."""
