"""A run: the one place where the rooms below are wired together, from files to the picture.

`job` leads it, `understand` is what the workers do, `finish` the last pass. Nothing is imported here,
so that a worker loads no more than it needs.
"""
