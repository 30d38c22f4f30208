"""Hot reload for the web: save a file, and every open page that uses it shows the change."""

__version__ = "0.1.0"
