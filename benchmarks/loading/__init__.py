"""What `load.py` is made of.

crowd.py      open pages: bare sockets behind one epoll
servers.py    hotreload and a bare websockets server, in processes of their own
measures.py   what is measured, as paragraphs and tables of Markdown
"""
