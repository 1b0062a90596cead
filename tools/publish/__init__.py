"""The pages under docs/ that are generated: the table, the procedures, the operations, the vectors.

Nothing on them is claimed: stories are played through the front end, the board and the imitation exchange, and what
happens is written down. Deliberately absent: pages that people write.
"""
