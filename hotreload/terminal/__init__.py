"""What a person at the terminal sees of a run, and the JSON events for programs.

Holds layout, colours, keys and the standard streams; `events.schema.json` describes the events of
--json. Refuses to hold what happened, and what to do about it.
"""
