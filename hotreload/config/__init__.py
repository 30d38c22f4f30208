"""The settings of a run, and where their values come from.

Holds configuration files, the trust that a person gives them, and the settings as one value.
Refuses to hold the options themselves (`cli`), and what a setting does.
"""
