"""Commands and servers in processes of their own, and what they talk to."""
