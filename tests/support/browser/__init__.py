"""Pages, browsers, and what a page is loaded from."""
