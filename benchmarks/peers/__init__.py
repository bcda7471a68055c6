"""A small Backstep in other frameworks, each as its own documentation would have it written.

A button Step, and the deck's network with one more number at each click. The mathematics, the places
and the words are one and the same (`network.py`), so that what differs is the framework.
"""
