"""What would go wrong with a server on this machine, found out beforehand or beside it.

Holds the probes, the facts that they give, and the diagnoses. Refuses to hold the command's options
(`cli`), and to change anything.
"""
