"""The command line: one file for each command, with its options and their help.

Holds what words mean and how an error becomes one line and an exit status. Refuses to hold how
anything is done: that is the other packages'.
"""
