"""The command line: a thin user of the client, the local service and the stores.

One module a command, loaded when its command is called. What a command says is made by functions that return text;
what is read and written goes through `invocation.py` and `screen.py`.
"""
