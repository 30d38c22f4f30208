"""The differential test: a page that scripts have changed is edited, and must be as if loaded anew.

A page is made of behaviours that real pages have, or shows a library as its quick start does. It is
open in Chromium on `hotreload serve`, somebody uses it, its file is saved with an edit. Then either
the page has reloaded, or everything that can be observed equals a fresh load of the new file that
was used in the same way: the document, what a click on each element does, how often handlers run,
what timers do, what is reported as an error.

`python tests/differential --trials 200` prints a table; the test is
`tests/browser/html/test_scripted_pages.py`.
"""
