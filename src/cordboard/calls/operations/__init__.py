"""The operations, one module per family. They do not import each other; ``board`` knows them all.

Each operation is a ``Handler``: ``check`` finds what speaks against it and changes nothing; ``apply`` does it. Where
legs must be placed first (``placed`` is true), ``apply`` is only rehearsed when the command comes, the switch is told
what that would need, and once the switch has done it the command is checked again and applied (call-semantics I4, I5).
"""
